"""How long `tick` and `run` take to import in a fresh interpreter, against the bare clients they stand on."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import tock
from benchmarks.report import Figure, Report, Target

_TARGET = Target(kind="at most", bound=1.25)
_FUNCTIONS = Path(tock.__file__).parents[1]
_CLIENTS = """
from google.cloud.firestore import AsyncClient
from google.cloud.tasks_v2 import CloudTasksAsyncClient
"""
#: What answering the first request imports: the functions' file, the edge that it imports when it is called, what reads
#: the certificates that a token is verified with, and in a tick what steps the first schedule.
_FIRST = "import main, tock.web.{name}, httpx, httpcore, h11, anyio._backends._asyncio"
_SIDES = {
    "clients": _CLIENTS,
    "bare": f"import functions_framework.aio{_CLIENTS}",
    "tick": f"{_FIRST.format(name='tick')}, croniter",
    "run": _FIRST.format(name="run"),
}
#: The figure's side, what it is called, its target, and what is in it.
_AGAINST = (
    ("bare", "bare clients", _TARGET, "bare: the clients of Firestore and Cloud Tasks, and the framework serving them"),
    ("clients", "clients alone", None, "without a framework, which answers no request"),
)
#: httpx imports its command line's packages where they are installed; no function has them.
_PROGRAM = """
import sys, time
sys.modules["pygments"] = None
started = time.perf_counter()
{imports}
print(time.perf_counter() - started)
"""


async def measure(*, quick: bool) -> Report:
    """Import each side in turn, again and again, each time in an interpreter of its own."""
    warmups, rounds = (0, 1) if quick else (1, 15)
    seconds: dict[str, list[float]] = {name: [] for name in _SIDES}
    # The first of all reads the files from the disk and may compile them.
    for number in range(warmups + rounds):
        for name, imports in _SIDES.items():
            took = await _imported(imports)
            if number >= warmups:
                seconds[name].append(took)
    figures = [
        _figure(name, side, seconds=seconds, called=called, target=target, note=note)
        for side, called, target, note in _AGAINST
        for name in ("tick", "run")
    ]
    return Report(benchmark="coldstart", figures=figures, details={"seconds": seconds})


def _figure(
    name: str, side: str, *, seconds: Mapping[str, Sequence[float]], called: str, target: Target | None, note: str
) -> Figure:
    mine, theirs = median(seconds[name]), median(seconds[side])
    ratios = [one / other for one, other in zip(seconds[name], seconds[side], strict=True)]
    return Figure(
        name=f"importing {name} against the {called}",
        value=mine / theirs,
        unit="x",
        target=target,
        sides={f"{name}, ms": 1000 * mine, f"{side}, ms": 1000 * theirs},
        spread=(min(ratios), max(ratios)),
        note=note,
    )


async def _imported(imports: str) -> float:
    """How long the imports take in a fresh interpreter, in seconds."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM.format(imports=imports)),
        env={**os.environ, "PYTHONPATH": str(_FUNCTIONS)},
        cwd=_FUNCTIONS,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"these imports failed: {imports}")
    return float(said)
