"""`import tock` is light: what it offers is found when it is used, and definitions bring no library along."""

import subprocess
import sys

import pytest

import tock
import tock.testing
from tock.core.run import outcome
from tock.ports.executor import RunContext

#: What no import of definitions may bring along.
HEAVY = ("pydantic", "httpx", "fastapi", "starlette", "google", "yaml", "typer", "asyncio")


def modules_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_tock_imports_nothing_else_of_it() -> None:
    assert {name for name in modules_after("import tock") if name.startswith("tock.")} == set()


def test_definitions_outcomes_and_contexts_bring_no_library_along() -> None:
    code = """
import tock

@tock.agent(timeout="5m")
def digest(run: tock.SyncRunContext) -> tock.Succeeded: ...

@tock.agent
async def other(run: tock.RunContext) -> tock.Waiting: ...

tock.trigger("a", digest, tock.cron("0 9 * * *", "Europe/Berlin"))
tock.trigger("b", digest, tock.every("15m"))
tock.trigger("c", digest, tock.at("2027-01-01T09:00", "Europe/Berlin"))
"""

    # A package's .pth file may import some of them whatever a program does.
    found = modules_after(code) - modules_after("")

    assert {name for name in HEAVY if name in found} == set()
    assert "tock.definitions.agent" in found


@pytest.mark.parametrize("name", tock.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(tock, name) is not None
    assert name in dir(tock)


def test_the_exported_names_are_the_ones_of_their_modules() -> None:
    assert tock.RunContext is RunContext
    assert (tock.Succeeded, tock.Failed, tock.Waiting, tock.Continue) == (
        outcome.Succeeded,
        outcome.Failed,
        outcome.Waiting,
        outcome.Continue,
    )


def test_a_context_the_testing_kit_and_the_client_raise_one_invalid_argument() -> None:
    def agent(run: tock.SyncRunContext) -> str:
        try:
            run.checkpoint(object())
        except tock.InvalidArgument as exc:
            return type(exc).__module__
        return "nothing was raised"

    with tock.Client("http://127.0.0.1:1", project="demo") as client, pytest.raises(tock.InvalidArgument) as raised:
        client.agents.get("no id")
    with pytest.raises(tock.InvalidArgument, match="attempt: give a whole number"):
        tock.testing.run(agent, attempt=0)

    assert tock.testing.run(agent).result == "tock.core.errors"
    assert isinstance(raised.value, tock.TockClientError)
    assert isinstance(raised.value, ValueError)
    assert raised.value.problem == str(raised.value)


def test_an_agent_says_by_an_error_how_it_failed() -> None:
    def agent(run: tock.SyncRunContext) -> None:
        raise tock.AgentError(f"{run.agent} never works", retryable=False)

    assert tock.testing.run(agent).outcome == tock.Failed("AgentError", "agent never works", retryable=False)


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(AttributeError, match=r"module 'tock' has no attribute 'agnet': it has .*\bagent\b"):
        tock.__getattr__("agnet")
