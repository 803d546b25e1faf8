"""Runs the demo: starts an empty stack, runs the scenario and proves every trigger."""

import os
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient
from rich.console import Console

from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.local.demo.demo_stack import demo_session
from tock.local.demo.failure import DemoFailed
from tock.local.demo.report import counts_of, faults_of, read_runs, table_of
from tock.local.demo.scenario import OPEN, TIMING, Scenario
from tock.local.demo.writer_scene import WriterScene
from tock.local.stack.function_environment import GOOGLE_PROJECT
from tock.local.stack.stack import Stack

#: Called with the API's URL and a run's id: yields what happens in the run, as lines, until it is settled.
FollowAt = Callable[[str, str], Iterator[str]]


async def run_demo(
    *,
    repository: Path,
    data: Path,
    entry_module: Path,
    console: Console,
    follow: FollowAt,
    log: Callable[[str, str], None],
) -> int:
    """Run the demo and return the exit status: 0, or 1 after the reasons were printed."""
    try:
        runs, proofs = await _run_scenario(
            repository=repository, data=data, entry_module=entry_module, console=console, follow=follow, log=log
        )
    except* (DemoFailed, httpx.HTTPError) as failures:
        reasons = [str(failure) for failure in _leaves(failures)]
    else:
        reasons = _account_for(runs, proofs, console=console)
    for reason in reasons:
        console.print(f"The demo failed: {reason}", style="bold red", markup=False)
    return 1 if reasons else 0


def _leaves(failures: BaseExceptionGroup[Exception]) -> list[BaseException]:
    """Return the exceptions in the nested exception groups that concurrent scenes raise."""
    nested = ((_leaves(each) if isinstance(each, BaseExceptionGroup) else [each]) for each in failures.exceptions)
    return [failure for leaves in nested for failure in leaves]


async def _run_scenario(
    *,
    repository: Path,
    data: Path,
    entry_module: Path,
    console: Console,
    follow: FollowAt,
    log: Callable[[str, str], None],
) -> tuple[Sequence[Run], Sequence[Mapping[str, Any]]]:
    """Run the scenario on a fresh stack; return the runs that are stored afterwards, and each trigger's proof."""
    environment = {name: value for name, value in os.environ.items() if name.startswith("TOCK_")} | TIMING | OPEN
    async with demo_session(
        data=data, entry_module=entry_module, log=log, fresh=True, environment=environment, path=[Path.cwd()]
    ) as running:
        report = partial(console.print, markup=False, highlight=False)
        writer = WriterScene(
            api=running.api,
            follow=partial(follow, running.stack.urls["api"]),
            report=partial(report, style="bold"),
            report_event=lambda line: report(f"    {line}", style="dim"),
        )
        scenario = Scenario(session=running, repository=str(repository), report=report, writer=writer)
        await _unless_stopped(scenario.run(), running.stack)
        # Google's client finds the emulator only through this variable.
        os.environ["FIRESTORE_EMULATOR_HOST"] = running.stack.firestore
        client = AsyncClient(project=GOOGLE_PROJECT, credentials=AnonymousCredentials())
        try:
            return await read_runs(client), await scenario.proofs()
        finally:
            client.close()


async def _unless_stopped(work: Coroutine[None, None, None], stack: Stack) -> None:
    """Do the work. Raises DemoFailed if a signal, or the end of a component, stops the stack first."""
    async with anyio.create_task_group() as tasks:

        async def watch() -> None:
            raise DemoFailed(f"the stack ended: {await stack.wait()}")

        tasks.start_soon(watch)
        await work
        tasks.cancel_scope.cancel()


def _account_for(runs: Sequence[Run], proofs: Sequence[Mapping[str, Any]], *, console: Console) -> list[str]:
    """Print the table and the counts; return a reason for each fault and each run that did not succeed."""
    console.print(table_of(runs))
    counts = counts_of(proofs)
    console.print(
        "Every occurrence, recomputed from the triggers' revisions and compared with the records:", style="bold"
    )
    console.print("  " + ", ".join(f"{status.replace('_', ' ')} {count}" for status, count in counts.items()))
    reasons = faults_of(proofs)
    reasons += [
        f"run {run.id} of {run.trigger or run.agent} ended {run.status}"
        for run in runs
        if run.status is not RunStatus.SUCCEEDED
    ]
    return reasons if counts["expected"] else [*reasons, "no occurrence was expected"]
