"""Runs one attempt of a command: in a workspace of its run, or in an empty folder."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tock.core.mask import Mask
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded
from tock.executors.command.conversation import begin_conversation
from tock.executors.command.program import run_program
from tock.executors.command.remote import Remote
from tock.executors.command.workspace.git import GitFailed
from tock.executors.command.workspace.host import WorkspaceHost
from tock.executors.command.workspace.kept import kept
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
) -> AgentOutcome:
    """Run the program and return its outcome, with what it left in its workspace.

    `workspace` names the repository, says where it is, and who makes workspaces of it. `secrets` appear nowhere.
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
                mask=mask,
            )
    name, remote, host = workspace
    mask = Mask([*secrets, *remote.secrets])
    try:
        async with host.opened(repository=name, remote=remote, context=context) as copy:
            return await _in_workspace(copy, argv, environment=environment, context=context, mask=mask)
    except RefMissing as exc:
        return Failed(type="ref_missing", message=str(exc), retryable=False)
    except (GitFailed, OSError) as exc:
        final = isinstance(exc, GitFailed) and exc.final
        message = f"There is no workspace: {mask(str(exc))}"
        return Failed(type="workspace_failed", message=message, retryable=not final)


async def _in_workspace(
    copy: WorkingCopy, argv: Sequence[str], *, environment: Mapping[str, str], context: RunContext, mask: Mask
) -> AgentOutcome:
    outcome = None
    try:
        conversation = await begin_conversation(context, resumable=True)
        outcome = await run_program(
            argv, environment=environment, folder=copy.work, context=context, conversation=conversation, mask=mask
        )
        left = await kept(copy)
    finally:
        if outcome is None:
            # Whoever resumes a run that was stopped goes on with what it did.
            await shielded(_keep_what_is_possible(copy))
    if isinstance(outcome, Succeeded | Failed):
        return replace(outcome, workspace=replace(left, warning=mask(left.warning)))
    if left.warning is not None:
        context.host.notice("run.warning", {"text": mask(left.warning)})
    return outcome


async def _keep_what_is_possible(copy: WorkingCopy) -> None:
    task = asyncio.create_task(kept(copy))
    await asyncio.wait({task}, timeout=KEEP_STOPPED.total_seconds())
    task.cancel()
    await asyncio.wait({task})
