"""Edits that change a value to one that only Python takes for the same."""

from typing import Any

import pytest

from tock.core.agent.agent import AgentSpec
from tock.core.fields.differing import differing_fields

FIELDS = AgentSpec.model_fields


def _agent(value: Any) -> AgentSpec:
    return AgentSpec(kind="http", config={"members": [{"value": value}]})


@pytest.mark.parametrize(("one", "other"), [(True, 1), (0, False), (1.0, True), ("True", True)])
def test_a_truth_value_is_no_number_and_no_text(one: Any, other: Any) -> None:
    assert differing_fields(_agent(one), _agent(other), fields=FIELDS) == {"config"}


@pytest.mark.parametrize(("one", "other"), [(True, True), (1, 1.0), ({"a": 1, "b": None}, {"b": None, "a": 1})])
def test_what_json_takes_for_the_same_is_the_same(one: Any, other: Any) -> None:
    assert differing_fields(_agent(one), _agent(other), fields=FIELDS) == frozenset()
