"""Load and save the state of a run's session, in parts, fenced by the run's lease."""

import asyncio
import json
from typing import Any

from tock.app.execution.attempt.leased_attempt import LeasedAttempt
from tock.core.agent.session import Session, SessionPart, part_id, pieces_of
from tock.core.errors import CommitConflict, InvalidArgument, SessionMoved
from tock.core.run.events.event_kind import EventKind
from tock.core.run.gate import session_of
from tock.core.run.run import Run
from tock.ports.store import Change, Create, Delete, Versioned, Write


async def load_session(leased: LeasedAttempt) -> Any:
    """Return the state that was saved last, any JSON value; None if the run's session has none, or the run has none.

    The state of another agent or kind is not given to this one: the run begins a new conversation, and says so. A save
    between the reads of the session and of its parts makes this read them again.
    """
    run, store = leased.run.value, leased.services.store
    if run.session is None:
        return None
    while (found := await store.session(run.project, run.session)) is not None:
        if not found.value.is_of(agent=run.agent, kind=leased.kind):
            leased.events.add(EventKind.WARNING, {"text": _of_another(found.value)})
            return None
        names = [part_id(found.value.revision, number) for number in range(found.value.parts)]
        parts = await asyncio.gather(*(store.session_part(run.project, run.session, name) for name in names))
        texts = [part.value.text for part in parts if part is not None]
        if len(texts) == len(parts):
            return json.loads("".join(texts))
    return None


async def save_session(leased: LeasedAttempt, state: Any) -> None:
    """Store the state of the run's session: a JSON value of at most 3.6 MB.

    1. In one Commit: check that the run is as this runner wrote it last, write the session and its new parts, and
       delete the parts of the revision before.
    2. If that conflicts, a heartbeat or a signal changed the run, or an earlier try was not acknowledged: look, and try
       again.

    Raises InvalidArgument (no session, no JSON, too large), SessionMoved (another run saved the session since this
    run began), StoreUnavailable.
    """
    run, services = leased.run.value, leased.services
    if run.session is None:
        raise InvalidArgument(field="session", value=None, remedy="agents of this kind have no session")
    text = _text(session_of(services.mask(session_of(state))))
    found = await services.store.session(run.project, run.session)
    saved_by = services.random.token()
    while not leased.lost:
        session = _saved(leased, found, pieces=len(pieces_of(text)), saved_by=saved_by)
        try:
            await services.store.commit(
                [Change(before=leased.run, after=leased.run.value), *_writes(found, session, text=text)]
            )
        except CommitConflict:
            if not await leased.reread():
                return
            current = await services.store.session(run.project, run.session)
            if current is not None and current.value.saved_by == saved_by:
                break
            _require_unmoved(run, found, current)
        else:
            break


def _of_another(session: Session) -> str:
    kind = "" if session.kind is None else f" of kind {session.kind!r}"
    return f"The conversation was one of the agent {session.agent!r}{kind}: this run begins a new one."


def _text(state: Any) -> str:
    # ASCII only, so that a text can be cut anywhere and a character takes one byte.
    return json.dumps(state, separators=(",", ":"))


def _saved(leased: LeasedAttempt, found: Versioned[Session] | None, *, pieces: int, saved_by: str) -> Session:
    run, now = leased.run.value, leased.services.clock.now()
    return Session(
        project=run.project,
        id=run.session or "",
        agent=run.agent,
        kind=leased.kind,
        last_run=run.id,
        revision=1 if found is None else found.value.revision + 1,
        parts=pieces,
        saved_by=saved_by,
        created=now if found is None else found.value.created,
        updated=now,
        expire_at=now + leased.services.timing.retention,
    )


def _writes(found: Versioned[Session] | None, session: Session, *, text: str) -> list[Write]:
    writes: list[Write] = [Create(session) if found is None else Change(before=found, after=session)]
    for number, piece in enumerate(pieces_of(text)):
        identifier = part_id(session.revision, number)
        writes.append(Create(_part(session, identifier, text=piece)))
    if found is not None:
        old = (part_id(found.value.revision, number) for number in range(found.value.parts))
        writes += [Delete(_part(session, identifier)) for identifier in old]
    return writes


def _part(session: Session, identifier: str, *, text: str = "") -> SessionPart:
    return SessionPart(
        project=session.project, session=session.id, id=identifier, text=text, expire_at=session.expire_at
    )


def _require_unmoved(run: Run, found: Versioned[Session] | None, current: Versioned[Session] | None) -> None:
    """Raise SessionMoved if another run saved the session since it was read."""
    if current is not None and (found is None or current.version != found.version):
        raise SessionMoved(run.session or "", run=current.value.last_run)
