"""The plan of an experiment: which fault comes when, where, and for how long. A seed always gives the same plan."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from tock.core.timing import Timing


class Kind(StrEnum):
    """The kinds of faults."""

    #: SIGKILL to a function's process.
    KILL = "kill"
    #: SIGSTOP to a function's process, and SIGCONT later, when its leases may have expired.
    STOP = "stop"
    #: Cloud Tasks loses all queues and tasks, and restarts.
    LOSE_TASKS = "lose tasks"
    #: Requests to Firestore and their responses are delayed.
    DELAY = "delay"
    #: Every connection between the functions and Firestore is reset.
    RESET = "reset"
    #: Firestore's connections stay open and nothing passes; later it passes, or the connections are reset.
    BLACKHOLE = "blackhole"
    #: Firestore gets the requests, and its responses are lost.
    LOSE_RESPONSES = "lose responses"
    #: No ticks for a while.
    PAUSE_TICKS = "pause ticks"
    #: Several ticks at once.
    CONCURRENT_TICKS = "concurrent ticks"


#: How many instances there are of each function.
INSTANCES = {"tick": 2, "run": 3, "trigger": 1, "retry": 1, "api": 1}
#: The functions that are stopped and killed, with their weights.
_TARGETS = {"run": 8, "tick": 4, "api": 2, "trigger": 1, "retry": 1}
#: The faults of one round, which come in random order.
_ROUND = (*Kind, Kind.KILL, Kind.KILL, Kind.STOP, Kind.STOP, Kind.CONCURRENT_TICKS, Kind.RESET)
#: The probability that what a blackhole held back passes at its end.
_PASSES = 0.5
_NETWORK = frozenset({Kind.DELAY, Kind.RESET, Kind.BLACKHOLE, Kind.LOSE_RESPONSES})
_TICKS = frozenset({Kind.PAUSE_TICKS, Kind.CONCURRENT_TICKS})


@dataclass(frozen=True, slots=True)
class Profile:
    """The times of the engine, and how long faults last in comparison."""

    lease: timedelta
    heartbeat: timedelta
    grace: timedelta
    look_ahead: timedelta
    period: timedelta
    longest_stop: timedelta
    longest_outage: timedelta
    longest_tick_pause: timedelta
    #: The mean time between two faults.
    pause: timedelta
    #: How long it may take until every run has ended, once there are no more faults.
    settle_timeout: timedelta

    @property
    def timing(self) -> Timing:
        """The times that the engine is configured with."""
        return Timing(lease=self.lease, heartbeat=self.heartbeat, grace=self.grace, look_ahead=self.look_ahead)


#: For a few minutes: short leases and intervals, so that there are rescues and repairs.
SHORT = Profile(
    lease=timedelta(seconds=12),
    heartbeat=timedelta(seconds=4),
    grace=timedelta(seconds=5),
    look_ahead=timedelta(seconds=20),
    period=timedelta(seconds=15),
    longest_stop=timedelta(seconds=25),
    longest_outage=timedelta(seconds=15),
    longest_tick_pause=timedelta(seconds=45),
    pause=timedelta(seconds=4),
    settle_timeout=timedelta(minutes=5),
)
#: For longer experiments: the times of a deployment, with a tick each minute.
LONG = Profile(
    lease=timedelta(seconds=40),
    heartbeat=timedelta(seconds=10),
    grace=timedelta(seconds=15),
    look_ahead=timedelta(seconds=90),
    period=timedelta(minutes=1),
    longest_stop=timedelta(seconds=60),
    longest_outage=timedelta(seconds=20),
    longest_tick_pause=timedelta(minutes=3),
    pause=timedelta(seconds=8),
    settle_timeout=timedelta(minutes=15),
)
#: The shortest experiment that uses the times of a deployment.
LONG_FROM = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its time since the beginning, its kind, its target, and for how long or how often."""

    at: timedelta
    kind: Kind
    target: str = ""
    length: timedelta = timedelta()
    #: How many ticks at once, or how many milliseconds of delay.
    times: int = 1
    #: Whether what was held back passes at the end; otherwise its connections are reset.
    passes: bool = False


def profile_for(length: timedelta) -> Profile:
    """Return the profile for an experiment of this length."""
    return LONG if length >= LONG_FROM else SHORT


def make_plan(seed: int, *, length: timedelta, profile: Profile) -> Sequence[Fault]:
    """Return the faults of an experiment of this length, in order; each ends within it.

    Two faults of the network never overlap, and neither do two faults of the ticks.
    """
    rng = random.Random(seed)
    faults: list[Fault] = []
    moment, network_free, ticks_free = timedelta(), timedelta(), timedelta()
    while True:
        for kind in rng.sample(_ROUND, len(_ROUND)):
            moment += profile.pause * rng.uniform(0.4, 1.6)
            if moment >= length:
                return sorted(faults, key=lambda fault: fault.at)
            at = max(moment, network_free if kind in _NETWORK else ticks_free if kind in _TICKS else moment)
            fault = _fault(kind, at=at, rng=rng, profile=profile)
            if at + fault.length > length:
                continue
            if kind in _NETWORK:
                network_free = at + fault.length
            if kind in _TICKS:
                ticks_free = at + fault.length
            faults.append(fault)


def _fault(kind: Kind, *, at: timedelta, rng: random.Random, profile: Profile) -> Fault:
    outage = profile.longest_outage * rng.uniform(0.2, 1)
    details: dict[Kind, dict[str, Any]] = {
        Kind.KILL: {"target": _target(rng)},
        # Most stops are longer than a lease: the interesting ones.
        Kind.STOP: {"target": _target(rng), "length": profile.longest_stop * rng.uniform(0.3, 1)},
        Kind.DELAY: {"length": outage, "times": rng.randint(20, 400)},
        Kind.BLACKHOLE: {"length": outage, "passes": rng.random() < _PASSES},
        Kind.LOSE_RESPONSES: {"length": outage},
        Kind.PAUSE_TICKS: {"length": profile.longest_tick_pause * rng.uniform(0.3, 1)},
        Kind.CONCURRENT_TICKS: {"times": rng.randint(2, 4)},
    }
    return Fault(at=at, kind=kind, **details.get(kind, {}))


def instances(function: str | None = None) -> list[str]:
    """Return the names of all instances, or of one function's: `run`, `run-2`, …."""
    wanted = INSTANCES if function is None else {function: INSTANCES[function]}
    return [_name(each, number) for each, most in wanted.items() for number in range(1, most + 1)]


def _target(rng: random.Random) -> str:
    [function] = rng.choices(list(_TARGETS), weights=list(_TARGETS.values()))
    return _name(function, rng.randint(1, INSTANCES[function]))


def _name(function: str, number: int) -> str:
    return function if number == 1 else f"{function}-{number}"
