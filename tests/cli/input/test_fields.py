"""The fields of the API's resources as options."""

from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from tock.cli.errors import CommandError
from tock.cli.input.fields import Field, takes, written
from tock.cli.input.resource_fields import AGENT, PROJECT, RUN, TRIGGER
from tock.cli.input.when import Here
from tock.core.agent.agent import AgentSpec
from tock.core.project import ProjectSpec
from tock.core.trigger.trigger import TriggerSpec
from tock.web.resources.runs.run_request import RunRequest

HERE = Here(now=datetime(2027, 1, 1, 9, tzinfo=UTC), zone=UTC)


@pytest.mark.parametrize(
    ("fields", "model"),
    [(AGENT, AgentSpec), (TRIGGER, TriggerSpec), (PROJECT, ProjectSpec), (RUN, RunRequest)],
    ids=["agent", "trigger", "project", "run"],
)
def test_each_field_of_the_api_has_an_option_and_each_option_a_field(
    fields: tuple[Field, ...], model: type[Any]
) -> None:
    wanted = set(_leaves(model.model_json_schema(mode="validation")))

    paths = [field.path for field in fields]
    assert {path for path in wanted if not any(path == each or path.startswith(f"{each}.") for each in paths)} == set()
    assert {
        each for each in paths if each not in wanted and not any(path.startswith(f"{each}.") for path in wanted)
    } == set()
    assert len({field.parameter for field in fields}) == len(fields)


def test_create_and_edit_have_the_same_options() -> None:
    made, edited = _called(TRIGGER, creating=True), _called(TRIGGER, creating=False)

    assert {name for name in edited if name != "clear"} == set(made)


def test_what_was_given_becomes_the_api_s_json() -> None:
    words = ["--agent", "digest", "--cron", "0 9 * * *", "--time-zone", "Europe/Berlin", "--message", "Hi"]
    words += ["--payload", "repo=acme/shop", "--payload", "days=7", "--label", "team=shop", "--disabled"]
    words += ["--max-retries", "0", "--retry-delay", "30 seconds", "--give-up-at-next", "--overlap", "queue"]
    words += ["--catch-up", "all", "--start", "in 2h", "--evidence", "min_tokens=5"]

    given = _called(TRIGGER, *words, creating=True)

    assert written(TRIGGER, given, here=HERE) == {
        "agent": "digest",
        "schedule": {"cron": "0 9 * * *", "time_zone": "Europe/Berlin"},
        "start": "2027-01-01T11:00:00Z",
        "input": {"message": "Hi", "payload": {"repo": "acme/shop", "days": 7}},
        "overlap": "queue",
        "catch_up": {"mode": "all"},
        "retry": {"max_retries": 0, "delay": "PT30S", "give_up_at_next": True},
        "evidence": {"min_tokens": 5},
        "enabled": False,
        "labels": {"team": "shop"},
    }


def test_an_edit_changes_what_is_given_and_clears_what_is_named() -> None:
    given = _called(TRIGGER, "--enabled", "--clear", "start", "--clear", "input.message", "--clear", "labels.team")

    assert written(TRIGGER, given, here=HERE) == {
        "enabled": True,
        "start": None,
        "input": {"message": None},
        "labels": {"team": None},
    }


def test_a_field_to_clear_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError) as refused:
        written(PROJECT, {"clear": ["title"]}, here=HERE)

    assert str(refused.value) == "--clear: there is no field 'title'."
    assert refused.value.details == ("Fields: name, description, concurrency.",)


def test_a_required_option_is_a_usage_error_in_create_only() -> None:
    assert "agent" in _output(TRIGGER, creating=True)
    assert _called(TRIGGER)["agent"] is None


def test_help_says_the_default_in_create_alone() -> None:
    made, edited = (_output(PROJECT, "--help", creating=creating, code=0) for creating in (True, False))

    assert "Default: any number." in made
    assert "Default" not in edited


def _app(fields: tuple[Field, ...], *, creating: bool, kept: dict[str, Any]) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    @takes(fields, creating=creating)
    def command(context: typer.Context, words: Annotated[str, typer.Option("--words")] = "", **given: Any) -> None:
        assert (context.command.name, words) == ("command", "")
        kept.update(given)

    return app


def _called(fields: tuple[Field, ...], *words: str, creating: bool = False) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    needed = [] if not creating or words else ["--agent", "x"]
    done = CliRunner().invoke(_app(fields, creating=creating, kept=kept), [*needed, *words])
    assert done.exit_code == 0, done.output
    return kept


def _output(fields: tuple[Field, ...], *words: str, creating: bool, code: int = 2) -> str:
    done = CliRunner().invoke(_app(fields, creating=creating, kept={}), [*words], env={"COLUMNS": "200"})
    assert done.exit_code == code
    return done.output


def _leaves(schema: dict[str, Any], at: dict[str, Any] | None = None, prefix: str = "") -> list[str]:
    """The paths of the fields of a JSON Schema, down to those without fields of their own."""
    at = schema if at is None else at
    if reference := at.get("$ref"):
        return _leaves(schema, schema["$defs"][reference.rpartition("/")[2]], prefix)
    choices = [
        path for choice in (*at.get("anyOf", ()), *at.get("oneOf", ())) for path in _leaves(schema, choice, prefix)
    ]
    own = [
        path
        for name, inner in at.get("properties", {}).items()
        for path in (_leaves(schema, inner, f"{prefix}{name}.") or [f"{prefix}{name}"])
    ]
    return [*choices, *own]
