"""Decide and apply the overlap policy of a run that is about to start."""

from tock.app.enqueue import enqueue
from tock.app.execution.cancel_request import cancel_request
from tock.app.execution.run_commit import run_commit
from tock.app.find_run import find_run
from tock.app.lock_holder import lock_holder
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.agent.session import session_subject
from tock.core.ids.derived import lock_id
from tock.core.run import transition
from tock.core.run.admission.overlap import GiveUp, Hold, Look, Skip, Start, behind, decide, decide_beside_session
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.time.instant import instant_text
from tock.ports.store import Change, Versioned, Write


async def decide_overlap(
    services: Services, run: Run
) -> tuple[Start | Skip | Hold | GiveUp, dict[str, Versioned[Run]]]:
    """Return the decision for a run, and the other runs that it depends on, by id.

    The policy `parallel` reads no run; the others usually read one or two. A run that goes on with its trigger's
    conversation may start only if no other run does so, for which its lock is read.
    """
    seen: dict[str, Versioned[Run]] = {}
    earlier: list[Run | None] = []
    # The time as it is at each step: while many earlier runs are read, some of them may become late ones.
    while isinstance(decision := decide(run, earlier, now=services.clock.now()), Look):
        found = await find_run(services, project=run.project, run=decision.run)
        if found is not None:
            seen[decision.run] = found
        earlier.append(found.value if found is not None else None)
    if isinstance(decision, Start) and run.awaits_session:
        holder = await _session_holder(services, run)
        if holder is not None:
            return decide_beside_session(run, holder.value), {holder.value.id: holder}
    return decision, seen


async def _session_holder(services: Services, run: Run) -> Versioned[Run] | None:
    """Return the active run that goes on with the session of this one, which has not taken its lock."""
    lock = lock_id(subject=session_subject(run.session or ""))
    _, holder = await lock_holder(services, project=run.project, lock=lock)
    return holder


async def apply_overlap(
    services: Services, run: Versioned[Run], decision: Skip | Hold | GiveUp, seen: dict[str, Versioned[Run]]
) -> Run | None:
    """Apply a decision not to start yet: return the skipped or held run, or None if the caller must decide again.

    None means that an earlier run has just ended: it was replaced, or its retry was given up. Raises CommitConflict
    when one of the two runs was changed meanwhile; then the caller must decide again, too.
    """
    now, timing = services.clock.now(), services.timing
    if isinstance(decision, Skip):
        after = transition.skip(run.value, blocked_by=decision.blocked_by, now=now, timing=timing)
        commit = await run_commit(services, run, after)
        await services.store.commit(commit.writes)
        log_run_event("run_skipped", after, blocked_by=decision.blocked_by.id)
        await enqueue(services, commit.queued)
        return after
    if isinstance(decision, GiveUp):
        await _give_up(services, seen[decision.retry_of.id], at_next=run.value)
        return None
    nearest = seen[decision.behind.id]
    if decision.replace and nearest.value.status is not RunStatus.RUNNING:
        await _replace(services, nearest, by=run)
        return None
    blocker = nearest.value.model_copy(update={"followed_by": run.value.id})
    more: tuple[Write, ...] = ()
    if decision.replace:
        blocker, more = cancel_request(services, blocker, by="overlap", reason=f"replaced by run {run.value.id}")
    after = transition.hold(run.value, blocked_by=blocker.id, now=now, timing=timing)
    await services.store.commit([Change(before=run, after=after), Change(before=nearest, after=blocker), *more])
    log_run_event("run_held", after, blocked_by=blocker.id)
    return after


async def _give_up(services: Services, waiting: Versioned[Run], *, at_next: Run) -> None:
    """End a run that waits for its retry, because the next occurrence is about to start."""
    reason = (
        f"its retry was given up: run {at_next.id} of the fire time {instant_text(at_next.scheduled_for)} came first"
    )
    after = transition.give_up(waiting.value, reason=reason, now=services.clock.now(), timing=services.timing)
    commit = await run_commit(services, waiting, after)
    await services.store.commit(commit.writes)
    log_run_event("retry_given_up", after, reason=reason)
    await enqueue(services, commit.queued)


async def _replace(services: Services, nearest: Versioned[Run], *, by: Versioned[Run]) -> None:
    """Cancel an earlier run that is held or queued, and let the replacing run follow what that one followed.

    So the next decision does not read the replaced runs again, however many there are.
    """
    reason = f"replaced by run {by.value.id}"
    after = transition.cancel(
        nearest.value, by="overlap", reason=reason, now=services.clock.now(), timing=services.timing
    )
    commit = await run_commit(services, nearest, after)
    shortened = by.value.model_copy(update={"previous": behind(after)})
    await services.store.commit([*commit.writes, Change(before=by, after=shortened)])
    log_run_event("run_cancelled", after, reason=reason)
    await enqueue(services, commit.queued)
