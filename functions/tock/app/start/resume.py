"""Resume a settled run: start a new one that goes on with its conversation, with feedback as the next turn."""

from pydantic import BaseModel, ConfigDict

from tock.app.agent_of import agent_of
from tock.app.services import Services
from tock.app.start.launch import Launched, already_launched, launch
from tock.app.start.run_now import require_startable
from tock.core.errors import AbilityMissing, FailedPrecondition, NotFound, RunNotSettled
from tock.core.field_types import Label, Text
from tock.core.ids import fingerprint, keyed_run_id, lock_id, shard_of
from tock.core.policies import Overlap
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.core.stamp import Stamp
from tock.ports.executor import Ability
from tock.ports.store import Versioned

#: The next turn of a resumed run if the request gives no feedback.
DEFAULT_FEEDBACK = "Continue where you stopped."


class ResumeOptions(BaseModel):
    """The options of a request to resume a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feedback: Text = ""
    model: Label | None = None


async def resume(
    services: Services, *, project: str, run: str, options: ResumeOptions, key: str | None, by: str
) -> Launched:
    """Start a run that goes on with the conversation of a settled one, and return it; each of the two names the other.

    The subject is the conversation, so that of two requests one wins and the other raises ActiveRun. Raises NotFound,
    RunNotSettled, FailedPrecondition (the run has no conversation, or it went on in a later run), AbilityMissing,
    ActiveRun, KeyReused.
    """
    request = f"resume {run} {options.model_dump_json()}"
    if (earlier := await already_launched(services, project=project, key=key, request=request)) is not None:
        return earlier
    found = await services.store.run(project, run)
    if found is None:
        raise NotFound("run", run)
    await _require_resumable(services, found.value)
    wanted = _continuation(services, found.value, options=options, key=key, request=request, by=by)
    return await launch(services, wanted, key=key, linked=found)


async def _require_resumable(services: Services, source: Run) -> None:
    if not source.status.terminal:
        raise RunNotSettled(source.id, status=source.status, verb="resume")
    await require_startable(services, project=source.project, agent=source.agent)
    agent = await agent_of(services, source)
    if Ability.RESUME not in services.executors[agent.kind].abilities(agent.config):
        able = [kind for kind, each in services.executors.items() if Ability.RESUME in each.abilities({})]
        raise AbilityMissing(run=source.id, kind=agent.kind, verb="resume", able=able)
    if source.session is None:
        remedy = "has no conversation to go on with: it never started. Retry it instead"
        raise FailedPrecondition(field="run", value=source.id, remedy=remedy)
    session = await services.store.session(source.project, source.session)
    if session is None:
        remedy = "saved no conversation, or it has expired: retry the run instead"
        raise FailedPrecondition(field="run", value=source.id, remedy=remedy)
    if source.resumed_by is not None:
        await _require_no_continuation(services, source, source.resumed_by)
    if session.value.last_run != source.id:
        remedy = f"its conversation went on in run {session.value.last_run}: resume that one"
        raise FailedPrecondition(field="run", value=source.id, remedy=remedy)


async def _require_no_continuation(services: Services, source: Run, resumed_by: str) -> None:
    """Raise FailedPrecondition if the run that resumed this one has begun, whether or not it saved anything."""
    later: Versioned[Run] | None = await services.store.run(source.project, resumed_by)
    if later is not None and later.value.started is not None and later.value.status.terminal:
        remedy = f"it was resumed by run {resumed_by}: resume that one"
        raise FailedPrecondition(field="run", value=source.id, remedy=remedy)


def _continuation(
    services: Services, source: Run, *, options: ResumeOptions, key: str | None, request: str, by: str
) -> Run:
    now = services.clock.now()
    token = services.random.token()
    identifier = keyed_run_id(project=source.project, key=key or token)
    subject = f"session:{source.session}"
    given = source.input.model_copy(
        update={
            "message": options.feedback.strip() or DEFAULT_FEEDBACK,
            "model": options.model or source.input.model,
        }
    )
    return Run(
        project=source.project,
        id=identifier,
        agent=source.agent,
        trigger=source.trigger,
        source=RunSource.RESUME,
        scheduled_for=now,
        due_at=now,
        status=RunStatus.QUEUED,
        input=given,
        retry=source.retry,
        timeout=source.timeout,
        overlap=Overlap.PARALLEL,
        claimed_by=token,
        created=Stamp(at=now, by=by),
        subject=subject,
        lock=lock_id(subject=subject),
        request=fingerprint(request),
        session=source.session,
        resumed_from=source.id,
        root=source.root,
        check_at=now + services.timing.grace,
        shard=shard_of(identifier, shards=services.timing.shards),
    )
