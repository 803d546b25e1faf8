"""What the API or the client refuses is told with the options of the command, so that one knows what to type."""

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from client.scripted import Answer, Scripted, scripted
from tock.cli.errors import CommandError
from tock.cli.main import app

CREATE = ("triggers", "create", "t", "--agent", "a", "--every", "1h")
#: A command, the field that the API refuses and its remedy, and what is said of it.
REFUSED = {
    "a member of an object with its own option": (CREATE, "schedule.cron", "is odd", "--cron (schedule.cron): is odd"),
    "an object of a named option": (CREATE, "retry.delay", "is odd", "--retry-delay: is odd"),
    "a member of an option's object": (CREATE, "input.payload.x", "is odd", "--payload (input.payload.x): is odd"),
    "an option of the same name": (CREATE, "max_parallel", "is odd", "--max-parallel: is odd"),
    "a member like another option": (
        ("agents", "create", "a", "--kind", "http", "--config", "{}"),
        "config.name",
        "is odd",
        "--config (config.name): is odd",
    ),
    "an option of another name": (
        ("spend",),
        "from",
        "is after `to`, 2027-01-01: swap them",
        "--since (from): is after --until, 2027-01-01: swap them",
    ),
    "the same field in another command": (("proof", "t"), "from", "is after `to`", "--since (from): is after --until"),
    "a field of a switch": (("runs", "retry", "r"), "config", "is odd", "--current (config): is odd"),
    "a field without an option": (CREATE, "author", "is odd: see `x`", "author: is odd: see `x`"),
}


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted([Answer()]) as server:
        yield server


def refused(server: Scripted, *words: str) -> CommandError:
    done = CliRunner().invoke(app, ["--server", server.url, "--project", "p", *words])
    assert isinstance(done.exception, CommandError), done.output
    return done.exception


def problem(detail: str, *errors: tuple[str, str]) -> Answer:
    body = {"type": "t", "title": "T", "status": 400, "detail": detail, "code": "invalid_argument", "transient": False}
    fields = [{"field": field, "value": None, "message": message} for field, message in errors]
    return Answer(400, body | {"errors": fields}, {"Content-Type": "application/problem+json"})


@pytest.mark.parametrize(("words", "field", "remedy", "said"), REFUSED.values(), ids=REFUSED)
def test_a_refused_field_is_named_by_its_option(
    server: Scripted, words: tuple[str, ...], field: str, remedy: str, said: str
) -> None:
    server.answer(problem(f"{field}: {remedy}", (field, remedy)))

    error = refused(server, *words)

    assert (str(error), error.details) == (said, ())


def test_each_of_several_fields_is_named_also_those_that_the_sentence_leaves_out(server: Scripted) -> None:
    errors = ("schedule.cron", "is odd"), ("timeout", "is short"), ("spec.depth", "is deep")
    server.answer(problem("schedule.cron: is odd; timeout: is short; and 1 more", *errors))

    error = refused(server, *CREATE)

    assert str(error) == "--cron (schedule.cron): is odd; --attempt-timeout (timeout): is short; and 1 more"
    assert error.details == ("spec.depth: is deep",)


def test_an_answer_that_says_nothing_of_fields_stays_as_it_is(server: Scripted) -> None:
    server.answer(problem("There is no agent: a key=VALUE was given."))

    assert str(refused(server, *CREATE)) == "There is no agent: a key=VALUE was given."


def test_changes_of_what_is_no_field_are_refused_with_the_fields(server: Scripted) -> None:
    error = refused(server, "agents", "edit", "a", '{"if_match": 3}')

    assert str(error) == "CHANGES: 'if_match' is no field of the agent."
    assert "concurrency, config, description" in error.details[0]
    assert server.requests == []
