"""Retry a settled run, with its own input or with its trigger's current configuration."""

from contextlib import suppress
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from tock.app.services import Services
from tock.app.start.launch import Launched, already_launched, launch
from tock.app.start.requested_run import requested_run
from tock.app.start.require_startable import require_enabled, require_startable
from tock.app.start.restore_context import restore_context
from tock.app.start.source_agent import source_agent
from tock.core.agent.session import session_subject
from tock.core.errors import ActiveRun, DocumentUnreadable, FailedPrecondition, NotFound, RunNotSettled
from tock.core.fields.types import Label
from tock.core.ids.derived import lock_id
from tock.core.policies import Overlap
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.core.schedule.schedule import time_zone_of
from tock.core.trigger.filled_input import filled_input

#: The terminal statuses of runs that cannot be retried: such a record may stand for many fire times.
NEVER_TRIED = frozenset({RunStatus.MISSED})


class ConfigChoice(StrEnum):
    """Where a retry takes its agent, input, retry policy and timeout from."""

    #: The run that it repeats.
    SNAPSHOT = "snapshot"
    #: The trigger of that run, as it is now.
    CURRENT = "current"


class RetryOptions(BaseModel):
    """The options of a request to retry a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Label | None = None
    config: ConfigChoice = ConfigChoice.SNAPSHOT


async def retry(
    services: Services, *, project: str, run: str, options: RetryOptions, key: str | None, by: str
) -> Launched:
    """Start a new run that repeats a settled one, and return it; each of the two names the other.

    Its subject is that of the repeated run or, if it has none, its trigger or else its first run. So two retries of one
    run are never active at once, nor is one beside a scheduled run of its trigger, unless their overlap policy is
    `parallel`. It goes on with the same conversation, and its workspace begins with the same commit; what of that
    cannot be restored is a warning on the new run.

    Raises NotFound, FailedPrecondition (the agent is gone or disabled, the run was missed, its conversation has
    expired, there is no current configuration), RunNotSettled, ActiveRun, KeyReused.
    """
    request = _request(run, options)
    if (earlier := await already_launched(services, project=project, key=key, request=request)) is not None:
        return earlier
    found = await services.store.run(project, run)
    if found is None:
        raise NotFound("run", run)
    wanted = await repetition(services, found.value, options=options, key=key, by=by)
    return await launch(services, wanted, key=key, linked=found)


async def repetition(services: Services, source: Run, *, options: RetryOptions, key: str | None, by: str) -> Run:
    """Return the run that would repeat this one, which nobody has started yet.

    Raises as `retry` does, but for KeyReused, and for an ActiveRun that holds the lock of the repetition.
    """
    if not source.status.terminal:
        raise RunNotSettled(source.id, status=source.status, verb="retry")
    if source.status in NEVER_TRIED:
        remedy = "a missed run never started, so there is nothing to retry: run its trigger now instead"
        raise FailedPrecondition(field="run", value=source.id, remedy=remedy)
    wanted = _repetition(services, source, options=options, key=key, by=by)
    if options.config is ConfigChoice.CURRENT:
        wanted = await _with_current_config(services, source, wanted)
    agent = await source_agent(services, project=source.project, agent=wanted.agent, verb="retry")
    if source.follow_up is None:
        require_startable(services, agent, ref=wanted.input.ref, then="retry the run")
    else:
        require_enabled(agent, then="retry the run")
    if options.config is ConfigChoice.SNAPSHOT:
        wanted = await restore_context(services, source, wanted, agent=agent)
    await _require_idle_trigger(services, wanted)
    if options.model is not None:
        wanted = wanted.model_copy(update={"input": wanted.input.model_copy(update={"model": options.model})})
    return wanted


async def _require_idle_trigger(services: Services, run: Run) -> None:
    """Raise ActiveRun if a scheduled run of the retry's trigger is at work, unless those may work at once.

    A scheduled run has no lock, so one that starts at this moment is not seen.
    """
    if run.trigger is None or run.subject != f"trigger:{run.trigger}":
        return
    with suppress(DocumentUnreadable):
        trigger = await services.store.trigger(run.project, run.trigger)
        if trigger is not None and trigger.value.overlap is Overlap.PARALLEL:
            return
    last = await services.store.last_run(run.project, run.trigger)
    if last is not None and not last.status.terminal:
        raise ActiveRun(subject=run.subject, run=last.run)


def _request(run: str, options: RetryOptions) -> str:
    return f"retry {run} {options.model_dump_json()}"


def _repetition(services: Services, source: Run, *, options: RetryOptions, key: str | None, by: str) -> Run:
    return requested_run(
        services,
        project=source.project,
        source=RunSource.RETRY,
        subject=source.subject or (f"trigger:{source.trigger}" if source.trigger else f"run:{source.root}"),
        request=_request(source.id, options),
        key=key,
        now=services.clock.now(),
        by=by,
        root=source.root,
        agent=source.agent,
        trigger=source.trigger,
        input=source.input,
        warnings=source.warnings,
        retry=source.retry,
        timeout=source.timeout,
        evidence=source.evidence,
        progress_every=source.progress_every,
        follow_up=source.follow_up,
        retry_of=source.id,
    )


async def _with_current_config(services: Services, source: Run, run: Run) -> Run:
    if run.trigger is None:
        remedy = "the run has no trigger, and so no current configuration: use 'snapshot'"
        raise FailedPrecondition(field="config", value="current", remedy=remedy)
    trigger = await services.store.trigger(run.project, run.trigger)
    if trigger is None:
        remedy = f"the trigger {run.trigger!r} was deleted: use 'snapshot'"
        raise FailedPrecondition(field="config", value="current", remedy=remedy)
    spec = trigger.value
    warnings: tuple[str, ...] = ()
    if source.resumed_from is not None:
        warnings = (f"The conversation of run {source.id} is no part of that configuration: this run begins its own.",)
    filled = filled_input(spec.input, scheduled_for=run.scheduled_for, time_zone=time_zone_of(spec.schedule))
    current: dict[str, object] = {
        "agent": spec.agent,
        "input": filled.snapshot,
        "warnings": (*filled.warnings, *warnings),
        "retry": spec.retry,
        "timeout": spec.timeout,
        "evidence": spec.evidence,
        "progress_every": spec.progress_every,
    }
    if spec.conversation is not None:
        subject = session_subject(spec.conversation)
        current |= {"session": spec.conversation, "subject": subject, "lock": lock_id(subject=subject)}
    elif source.session not in {None, source.id}:
        # Its source's subject is the conversation.
        subject = f"trigger:{run.trigger}"
        current |= {"subject": subject, "lock": lock_id(subject=subject)}
    return run.model_copy(update=current)
