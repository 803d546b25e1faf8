"""What the server takes for the console's page of 50 runs, against the API's listing of the same runs."""

import gc
import time
from collections.abc import Mapping
from statistics import median

import httpx

from benchmarks.load.seeding import AGENT, PROJECT, create_agent, create_triggers, next_minute
from benchmarks.report import Figure, Report, Target
from benchmarks.rounds.throughput_rounds import deliveries_of
from benchmarks.stack.deployment import Deployment, deployed
from benchmarks.stack.emulators import emulators
from tock.app.execution.execute import execute
from tock.app.start.run_now import RunOptions, run_agent
from tock.web.api.app import create_app
from tock.web.console.app import create_console
from tock.web.deployment import Access
from tock.web.deployment import Deployment as Served
from web.rig import RUN_TOKENS, NobodyVerifies

_TARGET = Target(kind="at most", bound=2)
_RUNS = 50
_API, _CONSOLE = "the API's listing", "the console's page"
_PATHS = {_API: f"/v1/projects/{PROJECT}/runs?page_size={_RUNS}", _CONSOLE: f"/projects/{PROJECT}/runs"}


async def measure(*, quick: bool) -> Report:
    """Ask for both in turn, many times, of one process that serves both, without a network."""
    warmups, rounds = (1, 2) if quick else (20, 200)
    wall: dict[str, list[float]] = {name: [] for name in _PATHS}
    own: dict[str, list[float]] = {name: [] for name in _PATHS}
    async with emulators() as running, deployed(running) as deployment:
        await _fill(deployment)
        clients = _clients(deployment)
        for number in range(warmups + rounds):
            for name, path in _PATHS.items():
                gc.collect()
                started, worked = time.perf_counter(), time.process_time()
                answer = await clients[name].get(path)
                took, work = time.perf_counter() - started, time.process_time() - worked
                answer.raise_for_status()
                _require_all(answer)
                if number >= warmups:
                    wall[name].append(took)
                    own[name].append(work)
    figures = [
        _figure("a page of 50 runs against the API's listing of them", wall, target=_TARGET),
        _figure("the same, this process's own processor time", own, target=None),
    ]
    return Report(benchmark="console", figures=figures, details={"wall": wall, "own": own})


async def _fill(deployment: Deployment) -> None:
    """Make an agent, some triggers and 50 runs of which each has ended."""
    await create_agent(deployment)
    await create_triggers(deployment, 20, next_run_at=next_minute(deployment.services.clock.now()))
    options = RunOptions(message="Digest of acme/site", payload={"repo": "acme/site", "branch": "main", "days": 7})
    for _ in range(_RUNS):
        await run_agent(deployment.services, project=PROJECT, agent=AGENT, options=options, key=None, by="bench")
    for delivery in await deliveries_of(deployment):
        await execute(deployment.services, delivery)


def _clients(deployment: Deployment) -> Mapping[str, httpx.AsyncClient]:
    access = Access(local=True, run_tokens=RUN_TOKENS)
    served = Served(services=deployment.services, access=access, tokens=NobodyVerifies())
    apps = {_API: create_app(served), _CONSOLE: create_console(served)}
    return {
        name: httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1", headers={"Accept": "text/html"}
        )
        for name, app in apps.items()
    }


def _require_all(answer: httpx.Response) -> None:
    """Raise RuntimeError unless the answer shows all runs: another page would be no comparison."""
    shown = answer.text.count("succeeded")
    if shown < _RUNS:
        raise RuntimeError(f"{answer.request.url} shows {shown} runs that succeeded, not {_RUNS}")


def _figure(name: str, seconds: Mapping[str, list[float]], *, target: Target | None) -> Figure:
    ratios = [page / listing for page, listing in zip(seconds[_CONSOLE], seconds[_API], strict=True)]
    return Figure(
        name=name,
        value=median(seconds[_CONSOLE]) / median(seconds[_API]),
        unit="x",
        target=target,
        sides={f"{side}, ms": 1000 * median(times) for side, times in seconds.items()},
        spread=(min(ratios), max(ratios)),
    )
