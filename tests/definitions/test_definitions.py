"""Agents and triggers in code: what is kept of them, and where."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import tock
from tock.core.agent.agent import AgentSpec
from tock.core.trigger.trigger import Input, TriggerSpec
from tock.definitions.registry import AgentDefinition, TriggerDefinition, defined_in, forget

HERE = __name__


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    forget(HERE)
    yield
    forget(HERE)


def test_a_decorated_function_stays_what_it_is() -> None:
    def plain(run: object) -> str:
        return f"ran {run}"

    assert tock.agent(plain) is plain
    assert tock.agent("other", timeout="5m")(plain) is plain
    assert plain("x") == "ran x"


def test_the_id_is_the_functions_name_unless_another_one_is_given() -> None:
    @tock.agent
    def digest(run: object) -> None: ...

    @tock.agent("weekly-digest", name="Weekly digest", concurrency=2, isolation="process")
    def weekly(run: object) -> None: ...

    first, second = defined_in(HERE)

    assert isinstance(first, AgentDefinition)
    assert isinstance(second, AgentDefinition)
    assert first.id == "digest"
    assert second.id == "weekly-digest"
    assert second.fields["name"] == "Weekly digest"
    assert second.fields["concurrency"] == 2
    assert second.fields["config"]["isolation"] == "process"
    assert str(second.fields["config"]["callable"]).startswith(f"{HERE}:")


def test_a_definition_knows_its_file_and_line() -> None:
    line = inspect.currentframe().f_lineno  # type: ignore[union-attr]
    tock.trigger("t", "digest", tock.every("15m"))

    [found] = defined_in(HERE)

    assert (Path(found.place.file), found.place.line, found.place.module) == (Path(__file__), line + 1, HERE)


def test_a_trigger_takes_timeout_and_retry_from_its_agent_unless_it_has_its_own() -> None:
    @tock.agent(timeout="9m", retry={"max_retries": 5})
    def digest(run: object) -> None: ...

    inherits = tock.trigger("a", digest, tock.every("15m"))
    own = tock.trigger("b", digest, tock.every("15m"), timeout="1m", retry={"max_retries": 0})

    assert (inherits.fields["timeout"], inherits.fields["retry"]) == ("9m", {"max_retries": 5})
    assert (own.fields["timeout"], own.fields["retry"]) == ("1m", {"max_retries": 0})


def test_an_agent_of_another_kind_is_defined_by_its_configuration() -> None:
    hook = tock.agent("hook", kind="http", config={"url": "https://agents.example/run"}, labels={"team": "shop"})
    trigger = tock.trigger("t", hook, tock.cron("0 9 * * *"))

    assert (hook.id, hook.function) == ("hook", None)
    assert hook.fields == {
        "kind": "http",
        "config": {"url": "https://agents.example/run"},
        "labels": {"team": "shop"},
    }
    assert isinstance(trigger, TriggerDefinition)
    assert trigger.fields["agent"] == "hook"


def test_every_field_of_an_agent_can_be_given_in_code() -> None:
    given = set(inspect.signature(tock.agent).parameters)

    assert set(AgentSpec.model_fields) - given == set()


def test_every_field_of_a_trigger_can_be_given_in_code() -> None:
    given = set(inspect.signature(tock.trigger).parameters)

    assert set(TriggerSpec.model_fields) - {"input"} - given == set()
    assert set(Input.model_fields) - given == set()
