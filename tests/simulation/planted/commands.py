"""Wrong ways to run commands in the workspaces of runs."""

from typing import Any

import pytest

import tock.app.start.run_command
from tock.app.services import Services
from tock.core.run.run import Run


def command_takes_no_lock(patch: pytest.MonkeyPatch) -> None:
    """Two commands work in one workspace."""
    launch = tock.app.start.run_command.launch

    async def unlocked(services: Services, run: Run, **given: Any) -> Any:
        return await launch(services, run.model_copy(update={"lock": None, "subject": None}), **given)

    patch.setattr(tock.app.start.run_command, "launch", unlocked)


def command_does_not_wait_for_its_run(patch: pytest.MonkeyPatch) -> None:
    """A command works in the workspace of a run that is still active."""

    async def whatever(services: Services, *, project: str, run: str) -> Run:
        found = await services.store.run(project, run)
        assert found is not None
        return found.value

    patch.setattr(tock.app.start.run_command, "_settled", whatever)


def command_is_repeated(patch: pytest.MonkeyPatch) -> None:
    """A command that failed is run again, as an agent would be."""
    command_run = tock.app.start.run_command._command_run

    def retried(*given: Any, **more: Any) -> Run:
        run = command_run(*given, **more)
        return run.model_copy(update={"retry": run.retry.model_copy(update={"max_retries": 2})})

    patch.setattr(tock.app.start.run_command, "_command_run", retried)
