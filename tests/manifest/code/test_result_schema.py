"""The schema of an agent's results, from its annotation or from the type that it names."""

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel, Field

import tock
from tock.definitions.registry import MARK, AgentDefinition
from tock.manifest.code.result_schema import result_schema


class Digest(BaseModel):
    title: str
    words: int = Field(serialization_alias="wordCount")


@dataclass
class Note:
    text: str


class Opaque:
    pass


def definition(function: Any, **options: Any) -> AgentDefinition:
    tock.agent(**options)(function)
    found: AgentDefinition = getattr(function, MARK)
    return found


async def of_model(run: tock.RunContext) -> Digest: ...  # type: ignore[empty-body]


def of_dataclass(run: object) -> Note | None: ...


def of_several(run: object) -> list[Note] | tock.Waiting: ...  # type: ignore[empty-body]


def of_outcome(run: object) -> tock.Succeeded: ...  # type: ignore[empty-body]


def of_text(run: object) -> str: ...  # type: ignore[empty-body]


def of_nothing(run):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - has no annotation
    ...


def of_unknown(run: object) -> "NotImported": ...  # type: ignore[name-defined]  # noqa: F821 - cannot be resolved


def test_a_model_gives_the_schema_of_what_it_is_written_as() -> None:
    schema = result_schema(definition(of_model))

    assert schema is not None
    assert set(schema["properties"]) == {"title", "wordCount"}


def test_a_dataclass_may_be_one_of_several() -> None:
    schema = result_schema(definition(of_dataclass))

    assert schema is not None
    assert {"type": "null"} in schema["anyOf"]


def test_outcomes_are_no_part_of_it() -> None:
    schema = result_schema(definition(of_several))

    assert schema is not None
    assert (schema["type"], schema["items"]) == ("array", {"$ref": "#/$defs/Note"})


@pytest.mark.parametrize("function", [of_outcome, of_text, of_nothing, of_unknown])
def test_other_annotations_ask_for_nothing(function: Any) -> None:
    assert result_schema(definition(function)) is None


def test_a_type_may_be_named_instead_or_none() -> None:
    assert result_schema(definition(of_text, output=str)) == {"type": "string"}
    assert result_schema(definition(of_model, output=None)) is None


def test_a_type_without_a_schema_is_refused_with_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"Opaque.* has no JSON Schema .*output=None"):
        result_schema(definition(of_text, output=Opaque))
