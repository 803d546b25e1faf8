"""Runs one attempt of a command: in a workspace of its run, or in an empty folder."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tock.core.mask import Mask
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded, Workspace
from tock.executors.command.conversation import begin_conversation
from tock.executors.command.program import run_program
from tock.executors.command.remote import Remote
from tock.executors.command.workspace.git import GitFailed
from tock.executors.command.workspace.host import WorkspaceHost
from tock.executors.command.workspace.kept import kept, read
from tock.executors.command.workspace.working_copy import RefMissing, WorkingCopy
from tock.executors.shield import shielded
from tock.ports.executor import RunContext

#: How long keeping the workspace of an attempt that was stopped may take; stopping the program takes up to 2 s more.
KEEP_STOPPED = timedelta(seconds=2)


async def run_attempt(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    context: RunContext,
    workspace: tuple[str, Remote, WorkspaceHost] | None,
    secrets: Sequence[str],
    previous: dict[str, Any] | None,
) -> AgentOutcome:
    """Run the program and return its outcome, with what it left in its workspace.

    `workspace` names the repository, says where it is, and who makes workspaces of it. `secrets` appear nowhere.
    `previous` says how earlier runs of the trigger ended, if the agent asks for that.
    """
    if workspace is None:
        mask = Mask(secrets)
        with tempfile.TemporaryDirectory(prefix="tock-command-", ignore_cleanup_errors=True) as folder:
            conversation = await begin_conversation(context, resumable=False)
            return await run_program(
                argv,
                environment=environment,
                folder=Path(folder),
                context=context,
                conversation=conversation,
                previous=previous,
                mask=mask,
            )
    name, remote, host = workspace
    mask = Mask([*secrets, *remote.secrets])
    try:
        async with _opened(host, repository=name, remote=remote, context=context) as copy:
            return await _in_workspace(
                copy, argv, environment=environment, context=context, previous=previous, mask=mask
            )
    except RefMissing as exc:
        return Failed(type="ref_missing", message=str(exc), retryable=False)
    except (GitFailed, OSError) as exc:
        final = isinstance(exc, GitFailed) and exc.final
        message = f"There is no workspace: {mask(str(exc))}"
        return Failed(type="workspace_failed", message=message, retryable=not final)


def _opened(
    host: WorkspaceHost, *, repository: str, remote: Remote, context: RunContext
) -> AbstractAsyncContextManager[WorkingCopy]:
    if context.workspace_of is None:
        return host.opened(repository=repository, remote=remote, context=context)
    return host.opened_again(repository=repository, remote=remote, context=context, run=context.workspace_of)


async def _in_workspace(
    copy: WorkingCopy,
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    context: RunContext,
    previous: dict[str, Any] | None,
    mask: Mask,
) -> AgentOutcome:
    ended = False
    try:
        conversation = await begin_conversation(context, resumable=True)
        outcome = await run_program(
            argv,
            environment=environment,
            folder=copy.work,
            context=context,
            conversation=conversation,
            previous=previous,
            mask=mask,
        )
        _tell(context, await _kept(copy, context=context), mask=mask)
        ended = True
    finally:
        if not ended:
            # Whoever resumes a run that was stopped goes on with what it did.
            await shielded(_keep_what_is_possible(copy, context=context, mask=mask))
    if context.workspace_of is not None and isinstance(outcome, Succeeded) and outcome.result is None:
        # Its exit status is all that a build or a test says.
        return replace(outcome, result={"exit_code": 0})
    return outcome


async def _kept(copy: WorkingCopy, *, context: RunContext) -> Workspace:
    """Return what is in the workspace, kept at the remote if it is the run's own."""
    return await kept(copy) if context.workspace_of is None else await read(copy)


async def _keep_what_is_possible(copy: WorkingCopy, *, context: RunContext, mask: Mask) -> None:
    task = asyncio.create_task(_kept(copy, context=context))
    await asyncio.wait({task}, timeout=KEEP_STOPPED.total_seconds())
    task.cancel()
    await asyncio.wait({task})
    late = f"The attempt was stopped, and keeping its workspace took longer than {KEEP_STOPPED.seconds} s."
    _tell(context, copy.unread(late) if task.cancelled() else task.result(), mask=mask)


def _tell(context: RunContext, left: Workspace, *, mask: Mask) -> None:
    context.host.leave(replace(left, warning=mask(left.warning)))
