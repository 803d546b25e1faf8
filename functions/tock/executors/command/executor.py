"""Runs commands of the deployment's configuration, each run with a git workspace of its own if its agent wants one."""

import os
import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tock.core.errors import InvalidArgument
from tock.core.run.outcome import AgentOutcome, Failed
from tock.executors.callbacks import Callbacks, require_callbacks, with_callback
from tock.executors.command.allowed import MAX_ARGUMENT, Allowed, Command, Repository, SecretValue
from tock.executors.command.config_schema import CONFIG_SCHEMA
from tock.executors.command.environment import command_environment
from tock.executors.command.limits import WorkspaceLimits
from tock.executors.command.remote import Remote
from tock.executors.earlier_runs import check_previous, previous_runs
from tock.ports.executor import Ability, RunContext
from tock.ports.executor import Command as FollowUp

if TYPE_CHECKING:
    from tock.executors.command.workspace.host import WorkspaceHost


class CommandExecutor:
    """Runs `{"command": NAME, "repository": NAME?, "arguments": [text, …]?, "previous": false?}`.

    `commands` and `repositories` are the deployment's; an agent finds those of its project. `secrets` are the
    deployment's secrets by `project/name`, which their entries name. `callbacks` gives programs what a service needs to
    call back; with None none can.
    """

    kind = "command"
    config_schema: Mapping[str, Any] = CONFIG_SCHEMA

    def __init__(
        self,
        *,
        commands: Allowed[Command],
        repositories: Allowed[Repository],
        secrets: Mapping[str, str] | None,
        workspaces: WorkspaceLimits,
        callbacks: Callbacks | None = None,
    ) -> None:
        self._commands = commands
        self._repositories = repositories
        self._secrets = secrets or {}
        self._workspaces = workspaces
        self._callbacks = callbacks
        self._host: WorkspaceHost | None = None

    def abilities(self, config: Mapping[str, Any]) -> frozenset[Ability]:
        """Return what an agent with this configuration can do."""
        workspace = {Ability.WORKSPACE} if config.get("repository") is not None else set()
        return frozenset({Ability.STEER, Ability.RESUME, Ability.WAIT, Ability.REF, *workspace})

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Check that the project may use the command and the repository, and the arguments. Raises InvalidArgument."""
        for name in config:
            if name not in CONFIG_SCHEMA["properties"]:
                known = ", ".join(CONFIG_SCHEMA["properties"])
                remedy = f"leave it out: a command agent has only {known}"
                raise InvalidArgument(field=f"config.{name}", value=config[name], remedy=remedy)
        command = self._command(config, project=project)
        _check_arguments(config.get("arguments"), command=command, field="config.arguments")
        self._repository(config, project=project)
        check_previous(config)

    def command_config(self, command: FollowUp, *, project: str) -> Mapping[str, Any]:
        """Return the configuration of a command in a workspace, which the project may use. Raises InvalidArgument."""
        entry = self._commands.named(command.command, project=project, field="command", setting="TOCK_COMMANDS")
        arguments = list(command.arguments)
        _check_arguments(arguments, command=entry, field="arguments")
        config = {"command": command.command, "arguments": arguments, "repository": command.repository}
        self._repository(config, project=project)
        return config

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
        from tock.executors.command.attempt import run_attempt  # noqa: PLC0415 imported lazily: only a run needs it

        if self._host is None and remote is not None:
            from tock.executors.command.workspace.host import WorkspaceHost  # noqa: PLC0415 as above

            self._host = WorkspaceHost(self._workspaces)
        outcome = await run_attempt(
            argv,
            environment=environment,
            context=with_callback(context, self._callbacks),
            workspace=None if remote is None or self._host is None else (config["repository"], remote, self._host),
            secrets=tuple(self._secrets.values()),
            previous=await previous_runs(config, context),
        )
        return require_callbacks(outcome, self._callbacks)

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


def _program(command: Command) -> str:
    """Return the program as a whole path: what the workspace holds is never looked up. Raises InvalidArgument."""
    found = shutil.which(command.argv[0], path=os.environ.get("PATH", os.defpath))
    if found is None:
        remedy = f"the program {command.argv[0]!r} of its entry is not installed where the function run works"
        raise InvalidArgument(field="config.command", value=None, remedy=remedy)
    return os.path.abspath(found)  # noqa: PTH100 - without following links: programs look at their own name


def _check_arguments(given: object, *, command: Command, field: str) -> None:
    if given is None:
        return
    if not isinstance(given, list) or len(given) > command.arguments:
        remedy = f"give a list of at most {command.arguments} texts, as many as the command's entry allows"
        raise InvalidArgument(field=field, value=given, remedy=remedy)
    for number, argument in enumerate(given):
        if not isinstance(argument, str) or len(argument) > MAX_ARGUMENT or "\x00" in argument:
            remedy = f"give a text of at most {MAX_ARGUMENT} characters without NUL"
            raise InvalidArgument(field=f"{field}[{number}]", value=argument, remedy=remedy)
        if argument.startswith("-") and command.argv[-1] != "--":
            remedy = (
                "starts with '-', so the program could take it for an option: options belong to the command's entry"
            )
            raise InvalidArgument(field=f"{field}[{number}]", value=argument, remedy=remedy)
