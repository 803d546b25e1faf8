"""Tock beside other schedulers on PostgreSQL: due schedules turned into persisted runs, and runs settled.

Each side runs in a process of its own. Processor time is that of the process that schedules or works, without the
emulators and PostgreSQL. The emulators keep all in memory; PostgreSQL waits for the disk, unless `synchronous_commit`
is off.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.figures.tick import WARMUPS
from benchmarks.report import Figure, Report, Target
from benchmarks.stack.emulators import emulators
from benchmarks.stack.postgres import postgres, program

#: The environment variable with the Python that has the peers installed (Makefile).
PYTHON = "TOCK_BENCH_PEERS"
_Kind = Literal["due", "settled"]
_Clock = Literal["wall", "processor"]
_WHAT: Mapping[_Kind, str] = {"due": "due schedules to persisted runs", "settled": "runs settled"}
_UNITS: Mapping[_Clock, str] = {"wall": "wall", "processor": "own processor time"}
#: Whether a peer's commits wait for the disk.
_DURABILITY = ("on", "off")
_TOCK = "Tock"
_FASTER = Target(kind="at least", bound=1.2)


@dataclass(frozen=True, slots=True)
class _Peer:
    """A scheduler, what of it is compared, which ratios have a target, and what it does not keep."""

    program: str
    kinds: tuple[_Kind, ...]
    targets: frozenset[tuple[_Kind, _Clock]]
    lacks: str


_PEERS = {
    "APScheduler 3": _Peer(
        program="apscheduler",
        kinds=("due",),
        targets=frozenset({("due", "wall")}),
        lacks="does not keep runs: nothing is stored of what became of a fire time, and two schedulers on one store "
        "may fire it twice",
    ),
    "procrastinate": _Peer(
        program="procrastinate",
        kinds=("due", "settled"),
        targets=frozenset({("due", "wall"), ("settled", "processor")}),
        lacks="does not keep schedules (they are code), results, or a record of a fire time that it drops (10 minutes "
        "late); a dead worker's job waits until a task of yours retries it",
    ),
    "pgqueuer": _Peer(
        program="pgqueuer",
        kinds=("due", "settled"),
        targets=frozenset(),
        lacks="does not keep fire times (of several missed ones one runs, without a record) or results; a job is "
        "enqueued apart from its schedule's row, and outcomes are written in batches, up to 0.1 s later",
    ),
}


@dataclass(frozen=True, slots=True)
class _Took:
    """The seconds that one side took in one round."""

    wall: float
    processor: float

    def by(self, clock: _Clock) -> float:
        """Return the seconds by this clock."""
        return self.wall if clock == "wall" else self.processor


#: By name of the side, kind and durability; Tock's has no durability.
_Round = Mapping[tuple[str, _Kind, str], _Took]


async def measure(*, quick: bool) -> Report:
    """Measure all sides in each round, in turn from another one, after some rounds of Tock alone to warm up."""
    count, warmups, rounds = (40, 0, 1) if quick else (1000, WARMUPS, 7)
    compares = not quick or installed()
    if compares and not _has_peers():
        raise FileNotFoundError("the peers are not installed: make bench-peers")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(emulators())
        address = await stack.enter_async_context(postgres()) if compares else ""
        for _ in range(warmups):
            await _tock(count)
        measured = [await _round(count, address=address, first=number % (len(_PEERS) + 1)) for number in range(rounds)]
    seconds = {" ".join(side): [[took[side].wall, took[side].processor] for took in measured] for side in measured[0]}
    return Report(benchmark="peers", figures=_figures(count, measured), details={"count": count, "seconds": seconds})


def installed() -> bool:
    """Whether this machine has the peers and PostgreSQL."""
    return _has_peers() and program("initdb") is not None


def _has_peers() -> bool:
    return Path(os.environ.get(PYTHON, "")).is_file()


async def _round(count: int, *, address: str, first: int) -> _Round:
    """Measure each side; without an address only Tock."""
    took: dict[tuple[str, _Kind, str], _Took] = {}
    names = [_TOCK, *(_PEERS if address else ())]
    for name in [*names[first:], *names[:first]]:
        took |= await (_tock(count) if name == _TOCK else _peer(name, address, count))
    return took


async def _tock(count: int) -> _Round:
    return {(_TOCK, kind, ""): await _took("tock", kind, count, python=sys.executable) for kind in _WHAT}


async def _peer(name: str, address: str, count: int) -> _Round:
    peer, python = _PEERS[name], os.environ[PYTHON]
    return {
        (name, kind, durability): await _took(peer.program, address, kind, count, durability, python=python)
        for kind in peer.kinds
        for durability in _DURABILITY
    }


async def _took(name: str, *arguments: object, python: str) -> _Took:
    """Return what the program of a side prints. Raises RuntimeError if it fails."""
    child = await asyncio.create_subprocess_exec(
        *(python, "-m", f"benchmarks.peer_programs.{name}", *map(str, arguments)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"the program of {name} ended with {child.returncode}: {complained.decode()}")
    return _Took(**json.loads(said))


def _figures(count: int, measured: Sequence[_Round]) -> list[Figure]:
    """Return Tock's own rates, then the ratios against each peer."""
    own = [
        Figure.of_rounds(
            f"{_TOCK}, {what}",
            [count / took[_TOCK, kind, ""].wall for took in measured],
            unit="runs/s",
            sides={
                "ms a run, own processor time": _milliseconds(
                    count, [took[_TOCK, kind, ""] for took in measured], clock="processor"
                )
            },
        )
        for kind, what in _WHAT.items()
    ]
    return own + [
        _ratio(count, measured, name=name, kind=kind, durability=durability, clock=clock)
        for peer in _PEERS
        for name, kind, durability in measured[0]
        if name == peer
        for clock in _UNITS
        # How long a commit waits changes nothing about the processor time.
        if (clock, durability) != ("processor", "off")
    ]


def _ratio(count: int, measured: Sequence[_Round], *, name: str, kind: _Kind, durability: str, clock: _Clock) -> Figure:
    """Return how many times as long the peer takes as Tock."""
    peer = _PEERS[name]
    ours = [took[_TOCK, kind, ""] for took in measured]
    theirs = [took[name, kind, durability] for took in measured]
    waits = durability == "on"
    return Figure.of_rounds(
        f"{_WHAT[kind]} against {name}, {_UNITS[clock]}{'' if waits else ', synchronous_commit off'}",
        [their.by(clock) / our.by(clock) for our, their in zip(ours, theirs, strict=True)],
        unit="x",
        target=_FASTER if waits and (kind, clock) in peer.targets else None,
        sides={
            f"{side}, ms a run": _milliseconds(count, took, clock=clock)
            for side, took in ((_TOCK, ours), (name, theirs))
        },
        note=f"{name} {peer.lacks}" if (kind, clock, waits) == ("due", "wall", True) else "",
    )


def _milliseconds(count: int, took: Sequence[_Took], *, clock: _Clock) -> float:
    return 1000 * sum(each.by(clock) for each in took) / len(took) / count
