"""How soon the next run executes what was saved: from the write of a file to the first line of the run."""

import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import httpx

from benchmarks.report import Figure, Report, Target
from benchmarks.stack.local_stack import client_of, local_stack, posted, read

_SOON = Target(kind="below", bound=2)
_PROJECT = "reload"
_PAUSE = 0.005
#: The ways to run an agent, each the name of a module: how its function begins, and its configuration.
_WAYS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "async_agent": ("async def", {}),
    "isolated_agent": ("async def", {"isolation": "process"}),
    "plain_agent": ("def", {}),
}


async def measure(*, quick: bool) -> Report:
    """Save a module that an agent's module imports, start a run at once, and wait for its first event."""
    edits = 2 if quick else 30
    with tempfile.TemporaryDirectory(prefix="tock-bench-") as folder:
        helpers = {way: _written(Path(folder), way=way) for way in _WAYS}
        modules = {"TOCK_PYTHON_MODULES": ",".join(_WAYS)}
        async with local_stack(modules, path=[Path(folder)]) as stack, client_of(stack) as api:
            await posted(api, "projects", {"id": _PROJECT})
            found = {way: await _seconds(api, helper, way=way, edits=edits) for way, helper in helpers.items()}
    figures = [
        Figure(
            name=f"{way.replace('_', ' ')}: from the save of a helper module to the first line of the next run",
            value=max(seconds),
            unit="s",
            target=_SOON,
            sides={"median": median(seconds), "maximum": max(seconds)},
        )
        for way, seconds in found.items()
    ]
    return Report(benchmark="reload", figures=figures, details={way: sorted(each) for way, each in found.items()})


def _written(folder: Path, *, way: str) -> Path:
    """Write the agent's module, named after the way, and the helper that it imports; return the helper."""
    begins, _ = _WAYS[way]
    agent = f"{begins} agent(run):\n    run.emit('number', number)\n    return number\n"
    (folder / f"{way}.py").write_text(f"from helper_of_{way} import number\n\n\n{agent}")
    helper = folder / f"helper_of_{way}.py"
    _save(helper, number=0)
    return helper


async def _seconds(api: httpx.AsyncClient, helper: Path, *, way: str, edits: int) -> Sequence[float]:
    _, config = _WAYS[way]
    name = way.replace("_", "-")
    body = {"id": name, "kind": "python", "config": {"callable": f"{way}:agent", **config}}
    await posted(api, f"projects/{_PROJECT}/agents", body)
    return [await _edited(api, helper, agent=name, number=number) for number in range(1, edits + 1)]


async def _edited(api: httpx.AsyncClient, helper: Path, *, agent: str, number: int) -> float:
    """Return how many seconds passed. Raises RuntimeError if the run had other code."""
    saved = time.perf_counter()
    _save(helper, number=number)
    run = (await posted(api, f"projects/{_PROJECT}/agents/{agent}:run", {}))["id"]
    while not (events := await _numbers(api, run)):
        await asyncio.sleep(_PAUSE)
    seconds = time.perf_counter() - saved
    if events != [number]:
        raise RuntimeError(f"the run of edit {number} had {events}")
    return seconds


def _save(helper: Path, *, number: int) -> None:
    helper.write_text(f"number = {number}\n")


async def _numbers(api: httpx.AsyncClient, run: str) -> list[int]:
    events = (await read(api, f"projects/{_PROJECT}/runs/{run}/events"))["events"]
    return [event["data"] for event in events if event["kind"] == "number"]
