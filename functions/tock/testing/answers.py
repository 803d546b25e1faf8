"""The answers that a test gives to an agent that waits."""

from dataclasses import dataclass
from typing import Any

from tock.core.run.outcome import WaitFor

#: Who approves, rejects or answers, unless the test says otherwise.
TESTER = "user:test@example.com"


@dataclass(frozen=True, slots=True)
class GivenByTest:
    """What ends one wait of a run; made by `approve`, `reject`, `reply`, `call_back` and `no_answer`."""

    #: What the run must wait for; None if the wait ends at its deadline, whatever it is for.
    wait_for: WaitFor | None
    by: str
    approved: bool | None = None
    note: str = ""
    value: Any = None


def approve(note: str = "", *, by: str = TESTER) -> GivenByTest:
    """Approve what the agent asks for with `run.request_approval`."""
    return GivenByTest(WaitFor.APPROVAL, by=by, approved=True, note=note)


def reject(note: str = "", *, by: str = TESTER) -> GivenByTest:
    """Reject what the agent asks for with `run.request_approval`."""
    return GivenByTest(WaitFor.APPROVAL, by=by, approved=False, note=note)


def reply(value: Any, *, by: str = TESTER) -> GivenByTest:
    """Answer the question of an agent that waits for an input: any JSON value of at most 256 KiB."""
    return GivenByTest(WaitFor.INPUT, by=by, value=value)


def call_back(value: Any = None) -> GivenByTest:
    """Call back, as a service does with the run's token: any JSON value of at most 256 KiB."""
    return GivenByTest(WaitFor.CALLBACK, by="", value=value)


def no_answer() -> GivenByTest:
    """Let the deadline of the wait pass: the run ends or goes on as its `on_deadline` says."""
    return GivenByTest(None, by="")
