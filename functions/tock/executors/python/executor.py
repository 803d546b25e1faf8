"""Runs agents written in Python: async callables in the event loop, plain ones and isolated ones in a child process."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tock.core.agent.allow_list import AllowList
from tock.core.errors import InvalidArgument
from tock.core.run.outcome import AgentOutcome, Failed
from tock.executors.callbacks import Callbacks, require_callbacks, with_callback
from tock.executors.python.agent_output import log_from_info
from tock.executors.python.config_schema import CONFIG_SCHEMA
from tock.executors.python.entry_point import allowed_callable, is_async, signature_failure
from tock.executors.python.own_process.process import run_in_process
from tock.executors.python.shared_process.coroutine import run_coroutine
from tock.ports.abandoned_work import AbandonedWork
from tock.ports.executor import Ability, RunContext

if TYPE_CHECKING:
    from tock.executors.python.edited_modules import EditedModules

_LOOP, _PROCESS = "loop", "process"


class PythonExecutor:
    """Calls `{"callable": "package.module:function", "isolation"?}` with the run as its only argument.

    `modules` is the deployment's allow-list, by project or for every project: `acme.agents` allows that module,
    `acme.*` every module below acme. An async callable gets a RunContext, and must not block, because it shares its
    thread with the other runs of the instance (`isolation` is `loop`), unless it asks for a process of its own
    (`process`). A plain callable gets a SyncRunContext, and always has a process. `abandoned` takes the work of async
    callables that nothing can stop. `callbacks` gives them what a service needs to call back; with None none can.
    Modules below `source_folders` are imported anew once they were edited; runs that are under way keep their code.
    """

    kind = "python"
    config_schema: Mapping[str, Any] = CONFIG_SCHEMA

    def __init__(
        self,
        *,
        modules: AllowList | Sequence[str],
        abandoned: AbandonedWork | None = None,
        callbacks: Callbacks | None = None,
        source_folders: Sequence[Path] = (),
    ) -> None:
        self._modules = AllowList.of(modules)
        self._abandoned = abandoned if abandoned is not None else AbandonedWork()
        self._callbacks = callbacks
        self._source_folders = tuple(source_folders)
        self._edited = _edited_modules(source_folders) if source_folders else None

    def abilities(self, config: Mapping[str, Any]) -> frozenset[Ability]:  # noqa: ARG002 - as the port says
        """Return what an agent with this configuration can do."""
        return frozenset({Ability.STEER, Ability.RESUME, Ability.WAIT, Ability.REF})

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Check that the callable is allowed to the project, importable and callable, and can have the isolation.

        Raises InvalidArgument.
        """
        self._callable(config, project=project)

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        """Run one attempt to its end; a cancelled attempt is stopped within about three seconds."""
        try:
            function = await self._callable_once_saved(config, project=context.project)
        except InvalidArgument as exc:
            return Failed(type="invalid_config", message=str(exc), retryable=False)
        outcome = await self._outcome(function, config, with_callback(context, self._callbacks))
        return require_callbacks(outcome, self._callbacks)

    async def _outcome(
        self, function: Callable[..., Any], config: Mapping[str, Any], context: RunContext
    ) -> AgentOutcome:
        if not is_async(function) or config.get("isolation") == _PROCESS:
            return await run_in_process(config["callable"], context=context, source_folders=self._source_folders)
        log_from_info(config["callable"].partition(":")[0])
        failure = signature_failure(function, context=context)
        return failure or await run_coroutine(function, context=context, abandoned=self._abandoned)

    async def _callable_once_saved(self, config: Mapping[str, Any], *, project: str) -> Callable[..., Any]:
        """Return the callable; if its modules are edited here, an editor may first end what it is just saving."""
        if self._edited is not None:
            from tock.executors.python.edited_modules import SAVE  # noqa: PLC0415 - on the local stack only

            with contextlib.suppress(InvalidArgument):
                return self._callable(config, project=project)
            await asyncio.sleep(SAVE)
        return self._callable(config, project=project)

    def _callable(self, config: Mapping[str, Any], *, project: str) -> Callable[..., Any]:
        for name in config:
            if name not in {"callable", "isolation"}:
                raise InvalidArgument(
                    field=f"config.{name}",
                    value=config[name],
                    remedy="leave it out: a python agent has only a callable and an isolation",
                )
        isolation = config.get("isolation")
        if isolation is not None and isolation not in (_LOOP, _PROCESS):
            remedy = "write 'process' for a process of its own, 'loop' for the shared event loop, or leave it out"
            raise InvalidArgument(field="config.isolation", value=isolation, remedy=remedy)
        if self._edited is not None:
            self._edited.renew()
        function = allowed_callable(config.get("callable"), modules=self._modules.of_project(project))
        if isolation == _LOOP and not is_async(function):
            remedy = (
                f"leave it out, because {config['callable']} is a plain function: in the event loop it would block all"
                " other agents, and nothing could stop it; make it async for 'loop'"
            )
            raise InvalidArgument(field="config.isolation", value=isolation, remedy=remedy)
        return function


def _edited_modules(folders: Sequence[Path]) -> "EditedModules":
    from tock.executors.python.edited_modules import EditedModules  # noqa: PLC0415 - on the local stack only

    return EditedModules(folders)
