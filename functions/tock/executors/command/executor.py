"""Runs commands of the deployment's configuration, each run with a git workspace of its own if its agent wants one."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tock.core.errors import InvalidArgument
from tock.core.mask import Mask
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded, Workspace
from tock.executors.command.allowed import MAX_ARGUMENT, Allowed, Command, Repository, SecretValue
from tock.executors.command.config_schema import CONFIG_SCHEMA
from tock.executors.command.environment import command_environment
from tock.executors.command.program import run_program
from tock.executors.command.workspace.git import GitFailed, Remote
from tock.executors.command.workspace.host import WorkspaceHost
from tock.executors.command.workspace.kept import kept
from tock.executors.command.workspace.working_copy import RefMissing, WorkingCopy
from tock.executors.shield import shielded
from tock.ports.executor import Ability, RunContext

#: How long keeping the workspace of an attempt that was stopped may take; stopping the program takes up to 2 s more.
KEEP_STOPPED = timedelta(seconds=2)


class CommandExecutor:
    """Runs `{"command": NAME, "repository": NAME?, "arguments": [text, …]?}`.

    `commands` and `repositories` are the deployment's; an agent finds those of its project. `secrets` are the
    deployment's secrets by `project/name`, which their entries name. `workspaces` holds the clones and workspaces of
    this process.
    """

    kind = "command"
    config_schema: Mapping[str, Any] = CONFIG_SCHEMA

    def __init__(
        self,
        *,
        commands: Allowed[Command],
        repositories: Allowed[Repository],
        secrets: Mapping[str, str] | None,
        workspaces: WorkspaceHost,
    ) -> None:
        self._commands = commands
        self._repositories = repositories
        self._secrets = secrets or {}
        self._workspaces = workspaces

    def abilities(self, config: Mapping[str, Any]) -> frozenset[Ability]:
        """Return what an agent with this configuration can do."""
        workspace = {Ability.WORKSPACE} if config.get("repository") is not None else set()
        return frozenset({Ability.STEER, Ability.RESUME, Ability.WAIT, *workspace})

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Check that the project may use the command and the repository, and the arguments. Raises InvalidArgument."""
        for name in config:
            if name not in {"command", "repository", "arguments"}:
                raise InvalidArgument(
                    field=f"config.{name}",
                    value=config[name],
                    remedy="leave it out: a command agent has only a command, a repository and arguments",
                )
        _check_arguments(config.get("arguments"), command=self._command(config, project=project))
        self._repository(config, project=project)

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        """Run one attempt to its end; a cancelled attempt is stopped, and its workspace kept, within five seconds."""
        try:
            self.check(config, project=context.project)
            command = self._command(config, project=context.project)
            argv = [_program(command), *command.argv[1:], *(config.get("arguments") or [])]
            environment = command_environment(self._variables(command), context=context)
            remote = self._remote(config, project=context.project)
        except InvalidArgument as exc:
            return Failed(type="invalid_config", message=str(exc), retryable=False)
        mask = Mask([*self._secrets.values(), *(() if remote is None else remote.secrets)])
        if remote is None:
            with tempfile.TemporaryDirectory(prefix="tock-command-", ignore_cleanup_errors=True) as folder:
                return await run_program(argv, environment=environment, folder=Path(folder), context=context, mask=mask)
        try:
            async with self._workspaces.opened(repository=config["repository"], remote=remote, context=context) as copy:
                return await _in_workspace(copy, argv, environment=environment, context=context, mask=mask)
        except RefMissing as exc:
            return Failed(type="ref_missing", message=str(exc), retryable=False)
        except (GitFailed, OSError) as exc:
            final = isinstance(exc, GitFailed) and exc.final
            return Failed(
                type="workspace_failed", message=f"There is no workspace: {mask(str(exc))}", retryable=not final
            )

    def _command(self, config: Mapping[str, Any], *, project: str) -> Command:
        return self._commands.named(
            config.get("command"), project=project, field="config.command", setting="TOCK_COMMANDS"
        )

    def _repository(self, config: Mapping[str, Any], *, project: str) -> Repository | None:
        name = config.get("repository")
        if name is None:
            return None
        return self._repositories.named(name, project=project, field="config.repository", setting="TOCK_REPOSITORIES")

    def _remote(self, config: Mapping[str, Any], *, project: str) -> Remote | None:
        repository = self._repository(config, project=project)
        if repository is None:
            return None
        secret = None if repository.secret is None else self._secret(repository.secret, field="config.repository")
        return Remote(repository, secret=secret)

    def _variables(self, command: Command) -> dict[str, str]:
        return {
            name: self._secret(value.secret, field="config.command") if isinstance(value, SecretValue) else value
            for name, value in command.environment.items()
        }

    def _secret(self, name: str, *, field: str) -> str:
        if name not in self._secrets:
            remedy = f"its entry names the secret {name!r}, which TOCK_SECRETS does not hold: add it there"
            raise InvalidArgument(field=field, value=None, remedy=remedy)
        return self._secrets[name]


async def _in_workspace(
    copy: WorkingCopy, argv: list[str], *, environment: Mapping[str, str], context: RunContext, mask: Mask
) -> AgentOutcome:
    outcome = None
    try:
        outcome = await run_program(argv, environment=environment, folder=copy.work, context=context, mask=mask)
        left = await kept(copy)
    finally:
        if outcome is None:
            # Whoever resumes a run that was stopped goes on with what it did.
            await shielded(_keep_what_is_possible(copy))
    if isinstance(outcome, Succeeded | Failed):
        return replace(outcome, workspace=_masked(left, mask))
    if left.warning is not None:
        context.host.notice("run.warning", {"text": mask(left.warning)})
    return outcome


async def _keep_what_is_possible(copy: WorkingCopy) -> None:
    task = asyncio.create_task(kept(copy))
    await asyncio.wait({task}, timeout=KEEP_STOPPED.total_seconds())
    task.cancel()
    await asyncio.wait({task})


def _masked(left: Workspace, mask: Mask) -> Workspace:
    return replace(left, warning=mask(left.warning))


def _program(command: Command) -> str:
    """Return the program as a whole path: what the workspace holds is never looked up. Raises InvalidArgument."""
    found = shutil.which(command.argv[0], path=os.environ.get("PATH", os.defpath))
    if found is None:
        remedy = f"the program {command.argv[0]!r} of its entry is not installed where the function run works"
        raise InvalidArgument(field="config.command", value=None, remedy=remedy)
    return os.path.abspath(found)  # noqa: PTH100 - without following links: programs look at their own name


def _check_arguments(given: object, *, command: Command) -> None:
    if given is None:
        return
    if not isinstance(given, list) or len(given) > command.arguments:
        remedy = f"give a list of at most {command.arguments} texts, as many as the command's entry allows"
        raise InvalidArgument(field="config.arguments", value=given, remedy=remedy)
    for number, argument in enumerate(given):
        if not isinstance(argument, str) or len(argument) > MAX_ARGUMENT or "\x00" in argument:
            remedy = f"give a text of at most {MAX_ARGUMENT} characters without NUL"
            raise InvalidArgument(field=f"config.arguments[{number}]", value=argument, remedy=remedy)
        if argument.startswith("-") and command.argv[-1] != "--":
            remedy = (
                "starts with '-', so the program could take it for an option: options belong to the command's entry"
            )
            raise InvalidArgument(field=f"config.arguments[{number}]", value=argument, remedy=remedy)
