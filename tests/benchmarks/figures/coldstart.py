"""How long functions take to import in a new interpreter: `tick` and `run` against the client libraries that they use,
and `api` with the console against `api` without it, as it is until somebody visits the console.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import tock
from benchmarks.report import Figure, Report, Target

_TARGET = Target(kind="at most", bound=1.25)
_FUNCTIONS = Path(tock.__file__).parents[1]
_CLIENTS = """
from google.cloud.firestore import AsyncClient
from google.cloud.tasks_v2 import CloudTasksAsyncClient
"""
#: What each function imports before it answers: main.py, and the module that this imports at the first call.
_TICK = "import main, tock.web.functions.tick"
_RUN = "import main, tock.web.functions.run"
_API = "import main, tock.bootstrap.api"
#: What the first visitor of the console waits for besides.
_PAGE = f"{_API}, tock.web.console.app"
#: What the first request imports: anyio's backend.
_ANSWERED = "anyio._backends._asyncio"
_SIDES = {
    "clients": _CLIENTS,
    "bare": f"import functions_framework.aio{_CLIENTS}",
    "tick": _TICK,
    "run": _RUN,
    "tick, answered": f"{_TICK}, {_ANSWERED}",
    "run, answered": f"{_RUN}, {_ANSWERED}",
    "api": _API,
    "api and console": _PAGE,
}
_BARE = "bare: the clients of Firestore and Cloud Tasks, and the framework serving them"
#: What is imported, against what, the name of the figure, its target, and a note.
_FIGURES = (
    ("tick", "bare", "importing tick against the bare clients", _TARGET, _BARE),
    ("run", "bare", "importing run against the bare clients", _TARGET, _BARE),
    ("tick, answered", "bare", "tick, with what its first request imports", None, _BARE),
    ("run, answered", "bare", "run, with what its first request imports", None, _BARE),
    (
        "tick",
        "clients",
        "importing tick against the clients alone",
        None,
        "without a framework, which answers no request",
    ),
    (
        "run",
        "clients",
        "importing run against the clients alone",
        None,
        "without a framework, which answers no request",
    ),
    ("api and console", "api", "importing the console too, against the API alone", None, "at the first page only"),
)
_PROGRAM = """
import sys, time
started = time.perf_counter()
{imports}
print(time.perf_counter() - started)
"""


async def measure(*, quick: bool) -> Report:
    """Import each side in turn, many times, each time in a new interpreter."""
    warmups, rounds = (1, 1) if quick else (1, 31)
    seconds: dict[str, list[float]] = {name: [] for name in _SIDES}
    with TemporaryDirectory() as compiled:
        # The first round reads the files from the disk and compiles them, as the build of a function does.
        for number in range(warmups + rounds):
            for name, imports in _SIDES.items():
                took = await _imported(imports, compiled=compiled)
                if number >= warmups:
                    seconds[name].append(took)
    figures = [_figure(row, seconds=seconds) for row in _FIGURES]
    return Report(benchmark="coldstart", figures=figures, details={"seconds": seconds})


def _figure(row: tuple[str, str, str, Target | None, str], *, seconds: Mapping[str, Sequence[float]]) -> Figure:
    mine, other, name, target, note = row
    ratios = [one / base for one, base in zip(seconds[mine], seconds[other], strict=True)]
    sides = {f"{side}, ms": 1000 * median(seconds[side]) for side in (mine, other)}
    return Figure(
        name=name,
        value=median(seconds[mine]) / median(seconds[other]),
        unit="x",
        target=target,
        sides=sides,
        spread=(min(ratios), max(ratios)),
        note=note,
    )


async def _imported(imports: str, *, compiled: str) -> float:
    """Return how many seconds the imports take in a new interpreter."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM.format(imports=imports)),
        env={**environment, "PYTHONPATH": str(_FUNCTIONS), "PYTHONPYCACHEPREFIX": compiled},
        cwd=_FUNCTIONS,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"these imports failed: {imports}")
    return float(said)
