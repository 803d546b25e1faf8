"""What can be asked of a run as evidence."""

from typing import Any

import pytest
from pydantic import ValidationError

from tock.core.agent.evidence import Evidence
from tock.core.fields.types import STORED


def test_evidence_has_three_forms_each_of_them_optional() -> None:
    schema = {"type": "object", "$defs": {"n": {"type": "integer"}}, "properties": {"n": {"$ref": "#/$defs/n"}}}
    given = {"output_schema": schema, "events": ["pull_request"], "min_tokens": 7.0}

    evidence = Evidence.model_validate(given)

    assert (evidence.output_schema, evidence.events, evidence.min_tokens) == (schema, ("pull_request",), 7)
    assert Evidence.model_validate({}) == Evidence(output_schema=None, events=(), min_tokens=None)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no schema": ({"output_schema": {"type": "text"}}, "is no JSON Schema at $.type: 'text'"),
    "no object": ({"output_schema": True}, "valid dictionary"),
    "a schema elsewhere": ({"output_schema": {"$ref": "https://example.com/s"}}, "must be #/$defs/NAME"),
    "a large schema": ({"output_schema": {"enum": ["x" * 16_384]}}, "at most 16384 are accepted"),
    "a line of output": ({"events": ["log"]}, "'log' is no sign of work: name a kind of event that the agent emits"),
    "an event of Tock": ({"events": ["run.started"]}, "'run.started' is no sign of work"),
    "no kind": ({"events": [""]}, "at least 1 character"),
    "a long kind": ({"events": ["x" * 65]}, "at most 64 characters"),
    "many kinds": ({"events": [f"k{number}" for number in range(21)]}, "at most 20"),
    "no tokens": ({"min_tokens": 0}, "greater than or equal to 1"),
    "something else": ({"files": 1}, "Extra inputs are not permitted"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_shown_is_refused_with_a_remedy(case: str) -> None:
    given, says = WRONG[case]

    with pytest.raises(ValidationError) as refused:
        Evidence.model_validate(given)

    assert says in str(refused.value)


def test_a_stored_schema_is_not_looked_at_again() -> None:
    stored = {"output_schema": {"type": "text"}}

    assert Evidence.model_validate(stored, context=STORED).output_schema == {"type": "text"}
