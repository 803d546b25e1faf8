"""Perform the demonstration from an empty stack to its accounts."""

import os
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path

import anyio
import httpx
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient
from rich.console import Console

from tock.core.status import RunStatus
from tock.local.demo.report import Records, accounts_of, read_records, table_of
from tock.local.demo.scenario import TIMING, DemoFailed, Scenario
from tock.local.demo.stage import staged
from tock.local.function_environment import PROJECT as GOOGLE_PROJECT
from tock.local.stack import Stack


async def perform(
    *, repository: Path, data: Path, source: Path, console: Console, log: Callable[[str, str], None]
) -> int:
    """Return the exit status: 0 when everything was shown, 1 with the reason printed."""
    try:
        records, until = await _play(repository=repository, data=data, source=source, console=console, log=log)
    except* (DemoFailed, httpx.HTTPError) as failures:
        reasons = [str(failure) for failure in _leaves(failures)]
    else:
        reasons = _account_for(records, until=until, console=console)
    for reason in reasons:
        console.print(f"The demo failed: {reason}", style="bold red", markup=False)
    return 1 if reasons else 0


def _leaves(failures: BaseExceptionGroup[Exception]) -> list[BaseException]:
    """Return the failures themselves, out of the groups that scenes which run beside each other wrap them in."""
    nested = ((_leaves(each) if isinstance(each, BaseExceptionGroup) else [each]) for each in failures.exceptions)
    return [failure for leaves in nested for failure in leaves]


async def _play(
    *, repository: Path, data: Path, source: Path, console: Console, log: Callable[[str, str], None]
) -> tuple[Records, datetime]:
    """Play the scenario on a fresh stack; return what is stored at its end, and the end of the accounts."""
    async with staged(data=data, source=source, log=log, fresh=True, timing=TIMING) as stage:
        scenario = Scenario(
            stage=stage,
            repository=str(repository),
            tell=lambda line: console.print(line, markup=False, highlight=False),
        )
        await _unless_stopped(scenario.play(), stage.stack)
        # Google's client finds an emulator by this variable alone.
        os.environ["FIRESTORE_EMULATOR_HOST"] = stage.stack.firestore
        client = AsyncClient(project=GOOGLE_PROJECT, credentials=AnonymousCredentials())
        try:
            return await read_records(client), scenario.until
        finally:
            client.close()


async def _unless_stopped(play: Coroutine[None, None, None], stack: Stack) -> None:
    """Play to the end, or until a signal or the end of a part stops the stack. Raises DemoFailed then."""
    async with anyio.create_task_group() as tasks:

        async def watch() -> None:
            raise DemoFailed(f"the stack ended: {await stack.wait()}")

        tasks.start_soon(watch)
        await play
        tasks.cancel_scope.cancel()


def _account_for(records: Records, *, until: datetime, console: Console) -> list[str]:
    """Print the table and the counts; return what does not balance."""
    console.print(table_of(records.runs))
    accounts = accounts_of(records, until=until).values()
    counts = {
        fate: sum(len(getattr(each, fate)) for each in accounts)
        for fate in ("expected", "run", "pending", "let_go", "lost", "doubled")
    }
    console.print("Accounts, recomputed from the schedules and the stored records:", style="bold")
    console.print("  " + ", ".join(f"{fate.replace('_', ' ')} {count}" for fate, count in counts.items()))
    reasons = [
        f"{counts[fate]} occurrences {fate}" for fate in ("lost", "doubled", "pending", "let_go") if counts[fate]
    ]
    reasons += [
        f"run {run.id} of {run.trigger or run.agent} ended {run.status}"
        for run in records.runs
        if run.status is not RunStatus.SUCCEEDED
    ]
    return reasons if counts["expected"] else [*reasons, "nothing was expected"]
