"""How long `tick` and `run` take to import in a fresh interpreter, against the bare clients they stand on."""

import asyncio
import os
import sys
from pathlib import Path
from statistics import median

import tock
from benchmarks.report import Figure, Report, Target

_TARGET = Target(kind="at most", bound=1.25)
_FUNCTIONS = Path(tock.__file__).parents[1]
_BARE = """
import functions_framework.aio
from google.cloud.firestore import AsyncClient
from google.cloud.tasks_v2 import CloudTasksAsyncClient
"""
#: What answering the first request imports: the functions' file, and the edge that it imports when it is called.
_SIDES = {"bare": _BARE, "tick": "import main, tock.web.tick", "run": "import main, tock.web.run"}
_PROGRAM = """
import time
started = time.perf_counter()
{imports}
print(time.perf_counter() - started)
"""


async def measure(*, quick: bool) -> Report:
    """Import each side in turn, again and again, each time in an interpreter of its own."""
    rounds = 2 if quick else 15
    seconds: dict[str, list[float]] = {name: [] for name in _SIDES}
    # The first of all reads the files from the disk and may compile them.
    for number in range(rounds + 1):
        for name, imports in _SIDES.items():
            took = await _imported(imports)
            if number:
                seconds[name].append(took)
    middle = {name: median(took) for name, took in seconds.items()}
    figures = [
        Figure(
            name=f"importing {name} against the bare clients",
            value=middle[name] / middle["bare"],
            unit="x",
            target=_TARGET,
            sides={f"{name}, ms": 1000 * middle[name], "bare, ms": 1000 * middle["bare"]},
            spread=_spread(seconds[name], seconds["bare"]),
        )
        for name in ("tick", "run")
    ]
    return Report(benchmark="coldstart", figures=figures, details={"seconds": seconds})


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


def _spread(one: list[float], other: list[float]) -> tuple[float, float]:
    ratios = [mine / theirs for mine, theirs in zip(one, other, strict=True)]
    return min(ratios), max(ratios)
