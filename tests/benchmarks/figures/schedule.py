"""How many fire times of a cron expression Tock, cronsim and croniter find a second, and how long the first takes."""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim

import tock
from benchmarks.report import Figure, Report, Target
from tock.core.schedule.schedule import CronSchedule, fire_times

#: The expressions, with their time zones.
_SCHEDULES = (
    ("*/5 * * * *", "UTC"),
    ("0 9 * * 1-5", "Europe/Berlin"),
    ("30 2 * * *", "America/New_York"),
    ("0 0 13 * 5", "UTC"),
    ("0 0 29 2 *", "UTC"),
    ("0 */2 * * *", "Europe/Berlin"),
)
_STEPS_TARGET = Target(kind="at least", bound=1.5)
_FIRST_TARGET = Target(kind="below", bound=5)
_FUNCTIONS = Path(tock.__file__).parents[1]
_NEW_INTERPRETER = """
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
{imports}
ZONE = "America/New_York"
started = time.perf_counter()
{call}
print(time.perf_counter() - started)
"""
#: What is imported before the clock starts, and what finds the first fire time.
_FIRST_STEPS = {
    "tock": (
        "from tock.core.schedule.schedule import CronSchedule, next_fire_time",
        "next_fire_time(CronSchedule(cron='30 2 * * *', time_zone=ZONE), after=datetime(2027, 1, 1, tzinfo=UTC))",
    ),
    "cronsim": (
        "from cronsim import CronSim",
        "next(CronSim('30 2 * * *', datetime(2027, 1, 1, tzinfo=ZoneInfo(ZONE))))",
    ),
}


async def measure(*, quick: bool) -> Report:
    """Step each expression with each library in turn, in several rounds; then find a first fire time many times."""
    steps, rounds = (20, 1) if quick else (1000, 15)
    figures = [_steps_figure(*schedule, steps=steps, rounds=rounds) for schedule in _SCHEDULES]
    firsts = {name: [await _first_step(*code) for _ in range(rounds)] for name, code in _FIRST_STEPS.items()}
    return Report(benchmark="schedule", figures=[*figures, _first_figure(firsts)], details={"steps": steps})


def _steps_figure(cron: str, time_zone: str, *, steps: int, rounds: int) -> Figure:
    walks = _walks(cron, time_zone)
    rates: dict[str, list[float]] = {name: [] for name in walks}
    # The first round warms up.
    for number in range(rounds + 1):
        for name, walk in walks.items():
            rate = _steps_a_second(walk, steps=steps)
            if number:
                rates[name].append(rate)
    ratios = [mine / other for mine, other in zip(rates["tock"], rates["cronsim"], strict=True)]
    return Figure.of_rounds(
        f"{cron} ({time_zone}): steps against cronsim",
        ratios,
        unit="x",
        target=_STEPS_TARGET,
        sides={f"{name}, steps/s": median(measured) for name, measured in rates.items()},
    )


def _walks(cron: str, time_zone: str) -> Mapping[str, Callable[[], Iterator[datetime]]]:
    """Return how each library yields the fire times of an expression; each call begins anew."""
    start = datetime(2027, 1, 1, tzinfo=UTC)
    # Their fast path for UTC asks for this object, not for a zone of that name.
    local = start if time_zone == "UTC" else start.astimezone(ZoneInfo(time_zone))
    return {
        "tock": lambda: fire_times(CronSchedule(cron=cron, time_zone=time_zone), after=start),
        "cronsim": lambda: CronSim(cron, local),
        "croniter": lambda: croniter(cron, local, ret_type=datetime, day_or=True),
    }


def _steps_a_second(walk: Callable[[], Iterator[datetime]], *, steps: int) -> float:
    gc.collect()
    started = time.perf_counter()
    found = sum(1 for _ in islice(walk(), steps))
    return found / (time.perf_counter() - started)


def _first_figure(firsts: Mapping[str, list[float]]) -> Figure:
    milliseconds = {name: [1000 * seconds for seconds in measured] for name, measured in firsts.items()}
    return Figure.of_rounds(
        "first fire time in a new interpreter",
        milliseconds["tock"],
        unit="ms",
        target=_FIRST_TARGET,
        sides={f"{name}, ms": median(measured) for name, measured in milliseconds.items()},
    )


async def _first_step(imports: str, call: str) -> float:
    """Return how many seconds the first fire time takes in a new interpreter, imports not counted."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _NEW_INTERPRETER.format(imports=imports, call=call)),
        env={**os.environ, "PYTHONPATH": str(_FUNCTIONS)},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"these imports failed: {imports}")
    return float(said)
