"""Run a trigger or an agent now, without any effect on the trigger's schedule."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from tock.app.services import Services
from tock.app.start.launch import Launched, already_launched, launch
from tock.app.start.requested_run import requested_run
from tock.app.start.require_startable import require_startable
from tock.core.agent.evidence import Evidence
from tock.core.errors import NotFound
from tock.core.fields.git_ref import Ref, require_ref
from tock.core.fields.types import JsonObject, Label, Text
from tock.core.json.canonical import canonical
from tock.core.policies import Retry, Timeout
from tock.core.run.run import Run
from tock.core.run.status import RunSource
from tock.core.schedule.schedule import time_zone_of
from tock.core.trigger.filled_input import filled_input
from tock.core.trigger.trigger import Input


class RunOptions(BaseModel):
    """The options of a request to run now; the trigger, or a default, supplies those that are omitted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: Text | None = None
    payload: JsonObject | None = None
    model: Label | None = None
    ref: Ref | None = None
    retry: Retry | None = None
    timeout: Timeout | None = None
    subject: Label | None = None

    @property
    def canonical_text(self) -> str:
        """A text that is the same for all requests that mean the same, and different for all others.

        A null message, model or ref clears the trigger's; an absent one keeps it. Everything else that is null is the
        same as absent.
        """
        payload = None if self.payload is None else canonical(self.payload)
        text = self.model_copy(update={"payload": payload}).model_dump_json()
        cleared = [field for field in _CLEARABLE if field in self.model_fields_set and getattr(self, field) is None]
        return f"{text} without {', '.join(cleared)}" if cleared else text


#: Fields of a trigger's input that a request can clear.
_CLEARABLE = ("message", "model", "ref")


async def run_trigger(
    services: Services, *, project: str, trigger: str, options: RunOptions, key: str | None, by: str
) -> Launched:
    """Start a run of a trigger now, and return it; the trigger's schedule and `next_run_at` do not change.

    A disabled trigger can be run too: disabling stops its schedule only. If the request names no subject, the subject
    is the trigger, so a second request while the run is active raises ActiveRun. Raises NotFound, InvalidArgument,
    FailedPrecondition, ActiveRun, KeyReused.
    """
    require_ref(options.ref, field="input.ref")
    request = f"run trigger {trigger} {options.canonical_text}"
    if (earlier := await already_launched(services, project=project, key=key, request=request)) is not None:
        return earlier
    found = await services.store.trigger(project, trigger)
    if found is None:
        raise NotFound("trigger", trigger)
    spec = found.value
    given = spec.input.model_copy(update=_overrides(options))
    await _require_startable(services, project=project, agent=spec.agent, ref=given.ref)
    run = _manual(
        services,
        project=project,
        agent=spec.agent,
        trigger=spec.id,
        given=given,
        time_zone=time_zone_of(spec.schedule),
        retry=options.retry or spec.retry,
        timeout=options.timeout or spec.timeout,
        evidence=spec.evidence,
        progress_every=spec.progress_every,
        subject=options.subject or f"trigger:{spec.id}",
        key=key,
        request=request,
        by=by,
    )
    return await launch(services, run, key=key)


async def run_agent(
    services: Services, *, project: str, agent: str, options: RunOptions, key: str | None, by: str
) -> Launched:
    """Start a run of an agent without a trigger now, and return it.

    The run has a subject only if the request names one. Raises NotFound, InvalidArgument, FailedPrecondition,
    ActiveRun, KeyReused.
    """
    require_ref(options.ref, field="input.ref")
    request = f"run agent {agent} {options.canonical_text}"
    if (earlier := await already_launched(services, project=project, key=key, request=request)) is not None:
        return earlier
    await _require_startable(services, project=project, agent=agent, ref=options.ref)
    run = _manual(
        services,
        project=project,
        agent=agent,
        trigger=None,
        given=Input().model_copy(update=_overrides(options)),
        time_zone="UTC",
        retry=options.retry or Retry(),
        timeout=options.timeout or timedelta(minutes=5),
        subject=options.subject,
        key=key,
        request=request,
        by=by,
    )
    return await launch(services, run, key=key)


async def _require_startable(services: Services, *, project: str, agent: str, ref: str | None) -> None:
    """Return if a run of the agent can start. Raises NotFound, FailedPrecondition."""
    found = await services.store.agent(project, agent)
    if found is None:
        raise NotFound("agent", agent)
    require_startable(services, found.value, ref=ref, then="run it")


def _overrides(options: RunOptions) -> dict[str, object]:
    given = options.model_dump(include={"message", "payload", "model", "ref"}, exclude_unset=True)
    return {field: value for field, value in given.items() if field != "payload" or value is not None}


def _manual(
    services: Services,
    *,
    project: str,
    agent: str,
    trigger: str | None,
    given: Input,
    time_zone: str,
    retry: Retry,
    timeout: timedelta,
    subject: str | None,
    key: str | None,
    request: str,
    by: str,
    evidence: Evidence | None = None,
    progress_every: timedelta | None = None,
) -> Run:
    now = services.clock.now()
    filled = filled_input(given, scheduled_for=now, time_zone=time_zone)
    return requested_run(
        services,
        project=project,
        source=RunSource.MANUAL,
        subject=subject,
        request=request,
        key=key,
        now=now,
        by=by,
        agent=agent,
        trigger=trigger,
        input=filled.snapshot,
        warnings=filled.warnings,
        retry=retry,
        timeout=timeout,
        evidence=evidence,
        progress_every=progress_every,
    )
