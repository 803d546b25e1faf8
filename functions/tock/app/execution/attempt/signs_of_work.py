"""What an attempt must show before Tock takes its agent's word that it succeeded."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import anyio

from tock.app.execution.attempt.leased_attempt import LeasedAttempt
from tock.core.agent.agent import Agent
from tock.core.agent.evidence import Evidence, is_sign_of_work
from tock.core.errors import StoreUnavailable
from tock.core.json.schema import misfits, written_out
from tock.core.run.gate import message_of
from tock.core.run.outcome import Failed, Outcome, Succeeded, Usage
from tock.core.run.run import Run, RunUsage

#: The error type of a success without any sign of work, and of one without the evidence that was asked for.
NO_PROGRESS, NO_EVIDENCE = "no_progress", "no_evidence"
#: How many stored events one query reads.
PAGE = 1_000
#: The wait between two tries to read them while the store does not answer.
TRY_AGAIN_AFTER = timedelta(seconds=1)
_NOTHING = Evidence()


def evidence_of(run: Run, agent: Agent) -> Evidence:
    """Return what the run must show: what its trigger asks for or, if that asks for nothing, what its agent does."""
    if run.follow_up is not None:
        # It runs a command in the agent's workspace, and not the agent.
        return _NOTHING
    return run.evidence or agent.evidence or _NOTHING


def progress_every_of(run: Run, agent: Agent) -> timedelta | None:
    """Return how long an attempt of the run may go on without progress, or None; from where, see above."""
    return None if run.follow_up is not None else run.progress_every or agent.progress_every


async def require_signs_of_work(outcome: Outcome, leased: LeasedAttempt, agent: Agent) -> Outcome:
    """Return the outcome, or a failure if it is a success that the agent shows too little for.

    Both failures are final: whatever the agent did, another attempt could do it twice. The attempt's heartbeats go on
    meanwhile.
    """
    if not isinstance(outcome, Succeeded):
        return outcome
    if not (_shows_work(outcome, leased) or await _showed_work_before(leased)):
        message = "The agent ended without a result, an event or any usage: nothing shows that it worked."
        return Failed(type=NO_PROGRESS, message=message, retryable=False)
    missing = await _missing(outcome, leased, evidence_of(leased.run.value, agent))
    if not missing:
        return outcome
    message = message_of(leased.services.mask(f"The agent ended without what it must show: {'; '.join(missing)}."))
    return Failed(type=NO_EVIDENCE, message=message, retryable=False, usage=outcome.usage)


def _shows_work(outcome: Succeeded, leased: LeasedAttempt) -> bool:
    """Whether the attempt has a result, an event of the agent, any usage or changed files."""
    emitted = leased.events.agent_emitted or leased.run.value.events_sent > 0
    changed = leased.left is not None and leased.left.changed > 0
    used = leased.consumed.total + outcome.usage != Usage()
    return emitted or changed or used or not (outcome.result is None or outcome.result in ("", [], {}))


async def _showed_work_before(leased: LeasedAttempt) -> bool:
    """Whether an earlier attempt or leg of the run left any of that; only if this one has nothing are events read."""
    run = leased.run.value
    if run.usage != RunUsage() or (run.workspace is not None and run.workspace.changed > 0):
        return True
    async for kinds in _stored_kinds(leased):
        if any(map(is_sign_of_work, kinds)):
            return True
    return False


async def _missing(outcome: Succeeded, leased: LeasedAttempt, evidence: Evidence) -> Sequence[str]:
    """Return what the run does not show, in words: all of its attempts count, and what came from elsewhere."""
    missing = []
    if problems := await _misfits(outcome.result, evidence.output_schema):
        missing.append(f"a result that fits its schema ({', '.join(problems)})")
    if absent := await _absent_kinds(leased, evidence):
        missing.append(f"events of kind {', '.join(absent)}")
    if evidence.min_tokens is not None:
        used = leased.run.value.usage.input_tokens + leased.run.value.usage.output_tokens
        used += (leased.consumed.total + outcome.usage).tokens
        if used < evidence.min_tokens:
            missing.append(f"usage of {evidence.min_tokens} tokens (it used {used})")
    return missing


async def _misfits(result: Any, schema: Mapping[str, Any] | None) -> Sequence[str]:
    """Return where the result does not fit the schema, if there is one; a stored one may be accepted no longer."""
    if schema is None:
        return ()
    try:
        # In a thread: heartbeats of other runs go on while a large result is looked at.
        return await anyio.to_thread.run_sync(lambda: misfits(result, written_out(schema)), abandon_on_cancel=True)
    except ValueError as exc:
        return [f"its schema cannot be applied: {exc}"]


async def _absent_kinds(leased: LeasedAttempt, evidence: Evidence) -> Sequence[str]:
    """Return the kinds of event that the run's agent has not emitted.

    Only if this attempt lacks some, and there were others or events from elsewhere, are stored events read.
    """
    wanted = set(evidence.events) - leased.events.found
    if wanted:
        async for kinds in _stored_kinds(leased):
            wanted -= kinds
            if not wanted:
                break
    return [kind for kind in evidence.events if kind in wanted]


async def _stored_kinds(leased: LeasedAttempt) -> AsyncIterator[set[str]]:
    """Yield the kinds of the run's stored events, page by page; nothing is read if there can be none but its own."""
    run, since = leased.run.value, 0
    while run.attempt > 1 or run.events_sent:
        try:
            page = await leased.services.store.events(run.project, run.id, since=since, limit=PAGE)
        except StoreUnavailable:
            # The attempt's deadline, and the end of its lease, end this too.
            await leased.services.clock.sleep(TRY_AGAIN_AFTER)
            continue
        if page.last_seq == since:
            return
        since = page.last_seq
        yield {event.kind for event in page.events}
