"""Resume a settled run: start a new one that goes on with its conversation, with feedback as the next turn."""

from pydantic import BaseModel, ConfigDict, Field

from tock.app.abilities import is_able, kinds_with
from tock.app.services import Services
from tock.app.start.launch import Launched, already_launched, launch
from tock.app.start.requested_run import requested_run
from tock.app.start.require_startable import require_startable
from tock.app.start.source_agent import source_agent
from tock.core.agent.session import Session, session_subject
from tock.core.errors import AbilityMissing, FailedPrecondition, NotFound, RunNotSettled
from tock.core.fields.types import Label, Text
from tock.core.run.run import Run
from tock.core.run.status import RunSource
from tock.ports.executor import Ability
from tock.ports.store import Versioned

#: The next turn of a resumed run if the request gives no feedback.
DEFAULT_FEEDBACK = "Continue where you stopped."


class ResumeOptions(BaseModel):
    """The options of a request to resume a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feedback: Text = Field(
        default="", description=f'The next turn of the conversation; without one it is "{DEFAULT_FEEDBACK}"'
    )
    model: Label | None = None


async def resume(
    services: Services, *, project: str, run: str, options: ResumeOptions, key: str | None, by: str
) -> Launched:
    """Start a run that goes on with the conversation of a settled one, and return it; each of the two names the other.

    The subject is the conversation, so that of two requests one wins and the other raises ActiveRun. Raises NotFound,
    RunNotSettled, AbilityMissing, FailedPrecondition (the agent is gone, disabled or another one, the run has no
    conversation or none any more, it went on in a later run, or nothing of its workspace was kept), ActiveRun,
    KeyReused.
    """
    request = f"resume {run} {options.model_dump_json()}"
    if (earlier := await already_launched(services, project=project, key=key, request=request)) is not None:
        return earlier
    found = await services.store.run(project, run)
    if found is None:
        raise NotFound("run", run)
    await require_resumable(services, found.value)
    wanted = _continuation(services, found.value, options=options, key=key, request=request, by=by)
    return await launch(services, wanted, key=key, linked=found)


async def require_resumable(services: Services, source: Run) -> None:
    """Return if a run can go on with the conversation of this one, unless an active run does; raise as `resume`."""
    if not source.status.terminal:
        raise RunNotSettled(source.id, status=source.status, verb="resume")
    agent = await source_agent(services, project=source.project, agent=source.agent, verb="resume")
    require_startable(services, agent, ref=source.input.ref, then="resume the run")
    if not is_able(services, agent, Ability.RESUME):
        able = kinds_with(services, Ability.RESUME)
        raise AbilityMissing(run=source.id, kind=agent.kind, verb="resume", able=able)
    if source.follow_up is not None:
        raise _unable(source, f"it is a command in the workspace of run {source.follow_up.of}: resume that one")
    if source.session is None:
        raise _unable(source, "it has no conversation to go on with: it never started. Retry it instead")
    session = await services.store.session(source.project, source.session)
    if session is None:
        raise _unable(source, "it saved no conversation, or it has expired: retry the run instead")
    if source.resumed_by is not None:
        await _require_no_continuation(services, source, source.resumed_by)
    if _went_on(source, session.value):
        raise _unable(source, f"its conversation went on in run {session.value.last_run}: resume that one")
    if not session.value.is_of(agent=source.agent, kind=agent.kind):
        was, now = session.value.kind, agent.kind
        raise _unable(source, f"its agent was of kind {was!r} then and is of kind {now!r} now: start a new run instead")
    if source.workspace is not None and source.workspace.ref is None:
        raise _unable(source, "nothing of its workspace was kept, as its warning says: retry the run instead")


def _unable(source: Run, remedy: str) -> FailedPrecondition:
    return FailedPrecondition(field="run", value=source.id, remedy=remedy)


def _went_on(source: Run, session: Session) -> bool:
    """Whether another run saved the conversation after this one began; one that saved nothing can be resumed too."""
    if session.last_run in {source.id, source.resumed_from}:
        return False
    return source.started is None or session.updated >= source.started


async def _require_no_continuation(services: Services, source: Run, resumed_by: str) -> None:
    """Raise FailedPrecondition if the run that resumed this one has begun, whether or not it saved anything."""
    later: Versioned[Run] | None = await services.store.run(source.project, resumed_by)
    if later is not None and later.value.started is not None and later.value.status.terminal:
        raise _unable(source, f"it was resumed by run {resumed_by}: resume that one")


def _continuation(
    services: Services, source: Run, *, options: ResumeOptions, key: str | None, request: str, by: str
) -> Run:
    given = source.input.model_copy(
        update={
            "message": options.feedback.strip() or DEFAULT_FEEDBACK,
            "model": options.model or source.input.model,
        }
    )
    return requested_run(
        services,
        project=source.project,
        source=RunSource.RESUME,
        subject=session_subject(source.session or ""),
        request=request,
        key=key,
        now=services.clock.now(),
        by=by,
        root=source.root,
        agent=source.agent,
        trigger=source.trigger,
        input=given,
        retry=source.retry,
        timeout=source.timeout,
        evidence=source.evidence,
        progress_every=source.progress_every,
        session=source.session,
        resumed_from=source.id,
    )
