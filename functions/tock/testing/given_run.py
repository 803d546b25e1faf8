"""The run that a test asks for, as a deployment would store it before its attempt begins."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tock.core.agent.agent import Agent, AgentSpec
from tock.core.agent.session import Session, SessionPart, part_id, pieces_of, session_subject
from tock.core.ids.derived import fingerprint, lock_id
from tock.core.policies import Overlap, Retry
from tock.core.run import transition
from tock.core.run.gate import session_of
from tock.core.run.messages.signal import Signal, SignalKind
from tock.core.run.run import Attempt, Run, RunError
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.time.stamp import Stamp
from tock.core.timing import Timing
from tock.core.trigger.filled_input import filled_input
from tock.core.trigger.trigger import Input
from tock.ports.host import Previous
from tock.ports.store.documents import Document

#: The ids of what a test does not name.
RUN, EARLIER, TRIGGER = "test-run", "earlier-run", "test-trigger"
#: Who asked for the run, and who sent the messages.
BY = "user:test@example.com"


@dataclass(frozen=True, slots=True)
class GivenRun:
    """What a test says of a run."""

    project: str
    trigger: str | None
    given: Input
    time_zone: str
    scheduled_for: datetime
    attempt: int
    state: Any
    #: Whether there is a conversation to go on with, and what it is.
    has_session: bool
    session: Any
    previous: Previous | None
    messages: Sequence[tuple[SignalKind, str]]
    timeout: timedelta
    retry: Retry

    def documents(self, *, agent: str, spec: AgentSpec, timing: Timing) -> list[Document]:
        """Return what is stored when the attempt begins: the agent, the run, and what belongs to it."""
        stamp = Stamp(at=self.scheduled_for, by=BY)
        fields = {name: getattr(spec, name) for name in AgentSpec.model_fields}
        stored = Agent(**fields, project=self.project, id=agent, created=stamp, updated=stamp)
        return [
            stored,
            self._run(agent, timing=timing),
            *self._signals(timing=timing),
            *(self._conversation(stored, timing=timing) if self.has_session else ()),
            *(self._earlier(agent, self.previous, timing=timing) if self.previous is not None else ()),
        ]

    def _run(self, agent: str, *, timing: Timing) -> Run:
        filled = filled_input(self.given, scheduled_for=self.scheduled_for, time_zone=self.time_zone)
        trigger = self.trigger or (TRIGGER if self.previous is not None else None)
        subject = session_subject(EARLIER) if self.has_session else None
        return Run(
            project=self.project,
            id=RUN,
            agent=agent,
            trigger=trigger,
            source=RunSource.MANUAL if trigger is None else RunSource.SCHEDULE,
            scheduled_for=self.scheduled_for,
            due_at=self.scheduled_for,
            status=RunStatus.QUEUED,
            input=filled.snapshot,
            warnings=filled.warnings,
            retry=self.retry,
            timeout=self.timeout,
            overlap=Overlap.PARALLEL,
            claimed_by=BY,
            created=Stamp(at=self.scheduled_for, by=BY),
            attempt=self.attempt,
            attempts=tuple(self._attempt_before(number) for number in range(1, self.attempt)),
            state=self.state,
            session=EARLIER if self.has_session else None,
            resumed_from=EARLIER if self.has_session else None,
            subject=subject,
            lock=None if subject is None else lock_id(subject=subject),
            signals=len(self.messages),
            root=RUN,
            check_at=self.scheduled_for + timing.grace,
            shard=0,
        )

    def _attempt_before(self, number: int) -> Attempt:
        """Return an attempt that was handed back: the retry policy counts it not at all."""
        error = RunError(type=transition.HANDED_BACK, message="The run was handed back.", retryable=True)
        at = self.scheduled_for
        return Attempt(
            number=number,
            status=AttemptStatus.LOST,
            owner=f"attempt-{number}",
            started=at,
            ended=at,
            error=error,
            agent_revision=1,
            next_at=at,
        )

    def _signals(self, *, timing: Timing) -> list[Signal]:
        return [
            Signal(
                project=self.project,
                run=RUN,
                number=number,
                kind=kind,
                message=text,
                by=BY,
                at=self.scheduled_for,
                request=fingerprint(f"{number} {text}"),
                expire_at=self.scheduled_for + timing.retention,
            )
            for number, (kind, text) in enumerate(self.messages, start=1)
        ]

    def _conversation(self, agent: Agent, *, timing: Timing) -> list[Document]:
        pieces = pieces_of(json.dumps(session_of(self.session), separators=(",", ":")))
        expire_at = self.scheduled_for + timing.retention
        session = Session(
            project=self.project,
            id=EARLIER,
            agent=agent.id,
            kind=agent.kind,
            last_run=EARLIER,
            parts=len(pieces),
            saved_by=EARLIER,
            created=self.scheduled_for,
            updated=self.scheduled_for,
            expire_at=expire_at,
        )
        parts = [
            SessionPart(project=self.project, session=EARLIER, id=part_id(1, number), text=text, expire_at=expire_at)
            for number, text in enumerate(pieces)
        ]
        return [session, *parts]

    def _earlier(self, agent: str, previous: Previous, *, timing: Timing) -> list[Run]:
        """Return the runs of the trigger that ended as `previous` says: one that succeeded, one that failed."""
        base = self._run(agent, timing=timing).model_copy(
            update={"scheduled_for": self.scheduled_for - timedelta(hours=1), "check_at": None, "signals": 0}
        )
        succeeded = {"id": "succeeded-run", "status": RunStatus.SUCCEEDED, "result": previous.result}
        found = [] if previous.result is None else [base.model_copy(update=succeeded)]
        if (failure := previous.failure) is not None:
            error = RunError(type=failure.type, message=failure.message, retryable=failure.retryable)
            found.append(base.model_copy(update={"id": "failed-run", "status": RunStatus.FAILED, "error": error}))
        return found
