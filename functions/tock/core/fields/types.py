"""Field types for what people write: ids, titles, bounded texts and JSON objects."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, WithJsonSchema

from tock.core.ids.identifier import CHARACTERS, ID_PATTERN, is_reserved


def _not_reserved(identifier: str) -> str:
    if is_reserved(identifier):
        raise ValueError(f"{identifier!r} is reserved: choose another id")
    return identifier


#: An id that a person chose.
Identifier = Annotated[
    str,
    StringConstraints(pattern=f"^{CHARACTERS}$"),
    AfterValidator(_not_reserved),
    WithJsonSchema({"type": "string", "pattern": ID_PATTERN}),
]
#: White space as Unicode defines it, which is what is trimmed; JSON Schema leaves the meaning of `\\s` to its reader.
_SPACE = r"\t\n\x0b\x0c\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_TRIMMED = rf"^[{_SPACE}]*[^{_SPACE}](?:[\s\S]{{0,254}}[^{_SPACE}])?[{_SPACE}]*$"
#: A title: 1 to 256 characters after trimming.
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=256),
    WithJsonSchema({"type": "string", "pattern": _TRIMMED}),
]
#: A text of at most 8,000 characters.
Text = Annotated[str, StringConstraints(max_length=8000)]
#: A name of a model, a branch, a version or a subject: 1 to 256 characters after trimming.
Label = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=256),
    WithJsonSchema({"type": "string", "pattern": _TRIMMED}),
]


def _whole(value: object) -> object:
    # In JSON 7.0 is 7, and a text or a truth value is no number.
    return int(value) if isinstance(value, float) and value.is_integer() else value


#: A whole number.
WholeNumber = Annotated[int, Field(strict=True), BeforeValidator(_whole)]
# The bounds of a number that may be null stand in its own type, or its JSON Schema would lack them.
#: How many runs may work at once.
Concurrency = Annotated[int, Field(strict=True, ge=1, le=100), BeforeValidator(_whole)]
#: How many runs of one trigger may.
MaxParallel = Annotated[int, Field(strict=True, ge=1, le=50), BeforeValidator(_whole)]
#: The number of an attempt of a run.
AttemptNumber = Annotated[int, Field(strict=True, ge=1), BeforeValidator(_whole)]
#: A number of tokens that can be asked for.
Tokens = Annotated[int, Field(strict=True, ge=1, le=2**53), BeforeValidator(_whole)]

#: The most labels of one resource.
MOST_LABELS = 32
LABEL_NAME = r"^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$"
LABEL_VALUE = r"^[A-Za-z0-9._-]{0,63}$"
LabelName = Annotated[str, StringConstraints(pattern=LABEL_NAME)]
LabelValue = Annotated[str, StringConstraints(pattern=LABEL_VALUE)]


def _by_name(labels: dict[str, str]) -> dict[str, str]:
    # Firestore keeps no order of a map's members.
    return dict(sorted(labels.items()))


#: Words that people put on a resource to find it by; Tock reads none but `managed-by`.
Labels = Annotated[
    dict[LabelName, LabelValue],
    Field(max_length=MOST_LABELS),
    AfterValidator(_by_name),
    WithJsonSchema(
        {
            "type": "object",
            "patternProperties": {LABEL_NAME: {"type": "string", "pattern": LABEL_VALUE}},
            "additionalProperties": False,
            "maxProperties": MOST_LABELS,
        }
    ),
]

#: The most bytes of JSON in one payload or configuration.
LARGEST_OBJECT = 64 * 1024


#: The validation context of stored documents: their objects were measured before they were stored.
STORED: dict[str, Any] = {"stored": True}


def _small_object(value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    if info.context is STORED:
        return value
    try:
        size = len(json.dumps(value, allow_nan=False, ensure_ascii=False).encode())
    except (TypeError, ValueError) as exc:
        raise ValueError(f"must be JSON: {exc}") from exc
    except RecursionError as exc:
        raise ValueError("is nested too deeply: flatten it") from exc
    if size > LARGEST_OBJECT:
        raise ValueError(f"holds {size} bytes of JSON: at most {LARGEST_OBJECT} are accepted")
    return value


#: A JSON object of at most 64 KiB.
JsonObject = Annotated[
    dict[str, Any],
    AfterValidator(_small_object),
    WithJsonSchema({"type": "object", "additionalProperties": True}),
]
