"""People who talk with runs at work: they steer them, answer what they wait for, and resume their conversations."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from simulation.records import Records
from simulation.seeded_random import SeededRandom
from tock.app.services import Services
from tock.app.start.answer import answer
from tock.app.start.resume import ResumeOptions, resume
from tock.app.start.send_signal import send_signal
from tock.core.run.messages.signal import SignalKind
from tock.core.run.outcome import WaitFor
from tock.core.run.run import Run
from tock.core.run.status import RunStatus

#: Among how many of the newest runs they choose.
_RECENT = 20


@dataclass
class Talkers:
    """The people who talk with runs. Each call of `request` returns one request by one of them."""

    random: SeededRandom
    records: Records
    #: Called with the run of every answer that was accepted, the attempt that it is meant for, and who gave it: the
    #: name, and whether it approves.
    accepted: Callable[[Run, int, str, bool | None], None] = lambda _run, _attempt, _by, _approved: None

    def request(self, services: Services) -> tuple[str, Coroutine[Any, Any, Any]] | None:
        """Return the next request, or None if there is no run to talk with."""
        match self.random.weighted((("steer", 4.0), ("answer", 4.0), ("resume", 2.0))):
            case "steer":
                return self._steer(services)
            case "answer":
                return self._answer(services)
        return self._resume(services)

    def _steer(self, services: Services) -> tuple[str, Coroutine[Any, Any, Any]] | None:
        run = self._one_of(RunStatus.RUNNING, RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.SUCCEEDED)
        if run is None:
            return None
        kind = self.random.one_of((SignalKind.STEER, SignalKind.FOLLOW_UP))
        key = self.random.one_of((None, f"s{self.random.whole(1, 9)}"))
        asked = send_signal(services, project=run.project, run=run.id, kind=kind, message="more", key=key, by="talker")
        return f"{kind} {run.id[:8]} key {key}", asked

    def _answer(self, services: Services) -> tuple[str, Coroutine[Any, Any, Any]] | None:
        run = self._one_of(
            RunStatus.WAITING, RunStatus.WAITING, RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.SUCCEEDED
        )
        return None if run is None else self.answer(services, run)

    def answer(self, services: Services, run: Run) -> tuple[str, Coroutine[Any, Any, Any]]:
        """Return an answer to what the run waits for, or to what it waited for last."""
        asking = [(each.number, each.wait.wait_for) for each in run.attempts if each.wait is not None]
        attempt, wait_for = asking[-1] if asking else (run.attempt, WaitFor.CALLBACK)
        approved = self.random.happens(0.5) if wait_for is WaitFor.APPROVAL else None
        who = self.random.one_of(("ada", "bob"))
        given: dict[str, Any] = {"wait_for": wait_for, "attempt": attempt, "by": who, "approved": approved}
        asked = answer(services, project=run.project, run=run.id, **given)
        return f"answer {run.id[:8]}.{attempt} {wait_for} by {who}", self._accepted(asked, attempt, who, approved)

    async def _accepted(self, asked: Coroutine[Any, Any, Run], attempt: int, who: str, approved: bool | None) -> Run:  # noqa: FBT001 - as above
        run = await asked
        self.accepted(run, attempt, who, approved)
        return run

    def _resume(self, services: Services) -> tuple[str, Coroutine[Any, Any, Any]] | None:
        run = self._one_of(RunStatus.SUCCEEDED, RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.RUNNING)
        if run is None:
            return None
        key = self.random.one_of((None, f"r{self.random.whole(1, 9)}"))
        asked = resume(services, project=run.project, run=run.id, options=ResumeOptions(), key=key, by="talker")
        return f"resume {run.id[:8]} key {key}", asked

    def _one_of(self, *statuses: RunStatus) -> Run | None:
        """Return one of the newest runs of one of these statuses, which may come several times."""
        status = self.random.one_of(statuses)
        among = self.records.runs if status.terminal else self.records.active
        found = [run for run in reversed(among.values()) if run.status is status][:_RECENT]
        return self.random.one_of(found) if found else None
