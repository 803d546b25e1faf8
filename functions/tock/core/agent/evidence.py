"""What a run must show before Tock takes its agent's word that it succeeded."""

import json
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from tock.core.fields.types import STORED, JsonObject, Tokens
from tock.core.json.schema import written_out

#: The most bytes of a schema: it is stored with each run of a trigger that has one.
LARGEST_SCHEMA = 16 * 1024
#: How many kinds of events can be asked for, and the most characters of one.
MAX_KINDS, MAX_KIND = 20, 64


def _check_schema(schema: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    if info.context is STORED:
        return schema
    if (size := len(json.dumps(schema, ensure_ascii=False).encode())) > LARGEST_SCHEMA:
        raise ValueError(f"holds {size} bytes of JSON: at most {LARGEST_SCHEMA} are accepted")
    written_out(schema)
    return schema


def is_sign_of_work(kind: str) -> bool:
    """Whether an event of this kind shows that an agent worked: Tock's own and lines of output do not."""
    return kind != "log" and not kind.startswith("run.")


def _check_kind(kind: str) -> str:
    if not is_sign_of_work(kind):
        raise ValueError(f"{kind!r} is no sign of work: name a kind of event that the agent emits")
    return kind


Kind = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_KIND),
    AfterValidator(_check_kind),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_KIND, "pattern": r"^(?!log$)(?!run\.)[\s\S]*$"}),
]


OutputSchema = Annotated[
    JsonObject,
    AfterValidator(_check_schema),
    WithJsonSchema({"type": "object", "format": "json-schema", "additionalProperties": True}),
]


class Evidence(BaseModel):
    """What a run must show; a run that ends as succeeded without it has failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    output_schema: OutputSchema | None = Field(
        default=None,
        description="A JSON Schema (draft 2020-12) that the result must fit; it may refer to its own $defs.",
    )
    events: tuple[Kind, ...] = Field(
        default=(), max_length=MAX_KINDS, description="Kinds of event, each of which the agent must have emitted."
    )
    min_tokens: Tokens | None = Field(
        default=None, description="How many tokens, input and output, it must at least have consumed."
    )
