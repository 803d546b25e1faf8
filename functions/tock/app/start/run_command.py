"""Run a command of the deployment's configuration in the workspace of a settled run."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tock.app.services import Services
from tock.app.start.launch import Launched, already_launched, launch
from tock.app.start.requested_run import requested_run
from tock.app.start.require_startable import require_enabled
from tock.app.start.source_agent import source_agent
from tock.core.errors import AbilityMissing, FailedPrecondition, NotFound, RunNotSettled
from tock.core.fields.types import Identifier
from tock.core.policies import Retry, Timeout
from tock.core.run.follow_up import FollowUp
from tock.core.run.run import Run, RunWorkspace, Snapshot
from tock.core.run.status import RunSource
from tock.ports.executor import WorkspaceExecutor

#: The most arguments of a request, and the most characters of each; a command's entry may allow fewer.
MAX_ARGUMENTS = 32
MAX_ARGUMENT = 4_000


class CommandOptions(BaseModel):
    """A request to run a command in the workspace of a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: Identifier = Field(description="The name of a command that the deployment allows to the project.")
    arguments: tuple[Annotated[str, Field(max_length=MAX_ARGUMENT)], ...] = Field(
        default=(), max_length=MAX_ARGUMENTS, description="Further arguments, as many as the command's entry allows."
    )
    timeout: Timeout = timedelta(minutes=5)


async def run_command(
    services: Services, *, project: str, run: str, options: CommandOptions, key: str | None, by: str
) -> Launched:
    """Start a run of the command in the workspace of a settled run, and return it.

    A command in the workspace of such a run works in that of the run before it: there is one workspace, in which one
    command at a time works. It is never repeated after a failure.

    Raises NotFound, RunNotSettled, FailedPrecondition (the run has no workspace, nothing of it was kept, its agent is
    gone or disabled), AbilityMissing, InvalidArgument (the command, its arguments), ActiveRun, KeyReused.
    """
    request = f"exec {run} {options.model_dump_json()}"
    if (earlier := await already_launched(services, project=project, key=key, request=request)) is not None:
        return earlier
    source, workspace, executor = await kept_workspace(services, project=project, run=run)
    follow_up = FollowUp(
        of=source.id, repository=workspace.repository, command=options.command, arguments=options.arguments
    )
    executor.command_config(follow_up, project=project)
    wanted = _command_run(services, source, follow_up, options=options, key=key, request=request, by=by)
    return await launch(services, wanted, key=key)


async def kept_workspace(services: Services, *, project: str, run: str) -> tuple[Run, RunWorkspace, WorkspaceExecutor]:
    """Return the run in whose workspace a command for this run works, that workspace, and who runs commands there.

    Raises NotFound, RunNotSettled, FailedPrecondition, AbilityMissing, as `run_command` does.
    """
    source = await _settled(services, project=project, run=run)
    if source.follow_up is not None:
        source = await _settled(services, project=project, run=source.follow_up.of)
    workspace = _require_kept(source)
    return source, workspace, await _workspace_executor(services, source)


async def _settled(services: Services, *, project: str, run: str) -> Run:
    found = await services.store.run(project, run)
    if found is None:
        raise NotFound("run", run)
    if not found.value.status.terminal:
        raise RunNotSettled(run, status=found.value.status, verb="exec")
    return found.value


def _require_kept(source: Run) -> RunWorkspace:
    if source.workspace is None:
        remedy = "it has no workspace: only a run that worked in a repository has one"
        raise FailedPrecondition(field="run", value=source.id, remedy=remedy)
    if source.workspace.ref is None:
        remedy = f"nothing of its workspace was kept, so start a new run: {source.workspace.warning}"
        raise FailedPrecondition(field="run", value=source.id, remedy=remedy)
    return source.workspace


async def _workspace_executor(services: Services, source: Run) -> WorkspaceExecutor:
    agent = await source_agent(services, project=source.project, agent=source.agent, verb="exec")
    require_enabled(agent, then="exec the run")
    executor = services.executors[agent.kind]
    if not isinstance(executor, WorkspaceExecutor):
        able = sorted(kind for kind, each in services.executors.items() if isinstance(each, WorkspaceExecutor))
        raise AbilityMissing(run=source.id, kind=agent.kind, verb="run a command in a workspace", able=able)
    return executor


def _command_run(
    services: Services,
    source: Run,
    follow_up: FollowUp,
    *,
    options: CommandOptions,
    key: str | None,
    request: str,
    by: str,
) -> Run:
    return requested_run(
        services,
        project=source.project,
        source=RunSource.EXEC,
        subject=follow_up.subject,
        request=request,
        key=key,
        now=services.clock.now(),
        by=by,
        agent=source.agent,
        input=Snapshot(),
        retry=Retry(max_retries=0),
        timeout=options.timeout,
        follow_up=follow_up,
    )
