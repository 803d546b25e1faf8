"""The plan of a chaos: which fault comes when, to what, and for how long; the same seed gives the same plan."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from tock.core.timing import Timing


class Kind(StrEnum):
    """What can be done to a stack that runs."""

    #: SIGKILL to a function's process.
    KILL = "kill"
    #: SIGSTOP to a function's process, and SIGCONT later: a zombie comes back.
    STOP = "stop"
    #: Cloud Tasks loses its queue and all its tasks, and starts again.
    FORGET = "forget"
    #: Everything between the functions and Firestore takes longer.
    DELAY = "delay"
    #: Every connection between the functions and Firestore is reset.
    RESET = "reset"
    #: Firestore's connections are open and nothing passes; later it passes after all, or the connections are reset.
    DARK = "dark"
    #: Firestore does what it is asked, and its answers are lost.
    MUTE = "mute"
    #: Nobody ticks.
    WITHHOLD = "withhold"
    #: Several ticks at once.
    DOUBLE = "double"


#: How many instances there are of each function.
INSTANCES = {"tick": 2, "run": 3, "trigger": 1, "retry": 1, "api": 1}
#: What stops and dies, and how often in comparison.
_VICTIMS = {"run": 8, "tick": 4, "api": 2, "trigger": 1, "retry": 1}
#: One round has each of these, in some order.
_ROUND = (*Kind, Kind.KILL, Kind.KILL, Kind.STOP, Kind.STOP, Kind.DOUBLE, Kind.RESET)
#: How often what was kept back in the dark passes at the end.
_PASSES = 0.5
_WEATHER = frozenset({Kind.DELAY, Kind.RESET, Kind.DARK, Kind.MUTE})
_TICKS = frozenset({Kind.WITHHOLD, Kind.DOUBLE})


@dataclass(frozen=True, slots=True)
class Profile:
    """How fast the engine is set, and how long faults last beside it."""

    lease: timedelta
    heartbeat: timedelta
    grace: timedelta
    look_ahead: timedelta
    period: timedelta
    longest_stop: timedelta
    longest_dark: timedelta
    longest_silence: timedelta
    #: The mean time between two faults.
    pause: timedelta
    #: How long everything may take to settle once the faults are over.
    patience: timedelta

    @property
    def timing(self) -> Timing:
        """The engine's times as they are set."""
        return Timing(lease=self.lease, heartbeat=self.heartbeat, grace=self.grace, look_ahead=self.look_ahead)


#: For a few minutes: the engine's times are shortened, so that rescues and repairs are seen.
SHORT = Profile(
    lease=timedelta(seconds=12),
    heartbeat=timedelta(seconds=4),
    grace=timedelta(seconds=5),
    look_ahead=timedelta(seconds=20),
    period=timedelta(seconds=15),
    longest_stop=timedelta(seconds=25),
    longest_dark=timedelta(seconds=15),
    longest_silence=timedelta(seconds=45),
    pause=timedelta(seconds=4),
    patience=timedelta(minutes=5),
)
#: With time enough: the engine as it is deployed, a tick a minute.
LONG = Profile(
    lease=timedelta(seconds=40),
    heartbeat=timedelta(seconds=10),
    grace=timedelta(seconds=15),
    look_ahead=timedelta(seconds=90),
    period=timedelta(minutes=1),
    longest_stop=timedelta(seconds=60),
    longest_dark=timedelta(seconds=20),
    longest_silence=timedelta(minutes=3),
    pause=timedelta(seconds=8),
    patience=timedelta(minutes=15),
)
#: From this length on the engine runs with the times it is deployed with.
LONG_FROM = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: when, counted from the beginning, what, to which instance, for how long or how often."""

    at: timedelta
    kind: Kind
    target: str = ""
    length: timedelta = timedelta()
    #: How many ticks at once, or how many milliseconds of delay.
    times: int = 1
    #: Whether what was kept back passes at the end, instead of being reset.
    passes: bool = False


def profile_for(length: timedelta) -> Profile:
    """Return the profile that fits a chaos of this length."""
    return LONG if length >= LONG_FROM else SHORT


def make_plan(seed: int, *, length: timedelta, profile: Profile) -> Sequence[Fault]:
    """Return the faults of a chaos of this length, in order, each of which ends within it.

    Bad weather ends before the next begins, and silence before somebody ticks.
    """
    chance = random.Random(seed)
    faults: list[Fault] = []
    moment, fair_from, loud_from = timedelta(), timedelta(), timedelta()
    while True:
        for kind in chance.sample(_ROUND, len(_ROUND)):
            moment += profile.pause * chance.uniform(0.4, 1.6)
            if moment >= length:
                return sorted(faults, key=lambda fault: fault.at)
            at = max(moment, fair_from if kind in _WEATHER else loud_from if kind in _TICKS else moment)
            fault = _fault(kind, at=at, chance=chance, profile=profile)
            if at + fault.length > length:
                continue
            if kind in _WEATHER:
                fair_from = at + fault.length
            if kind in _TICKS:
                loud_from = at + fault.length
            faults.append(fault)


def _fault(kind: Kind, *, at: timedelta, chance: random.Random, profile: Profile) -> Fault:
    dark = profile.longest_dark * chance.uniform(0.2, 1)
    details: dict[Kind, dict[str, Any]] = {
        Kind.KILL: {"target": _victim(chance)},
        # Most stops are longer than a lease: the interesting ones.
        Kind.STOP: {"target": _victim(chance), "length": profile.longest_stop * chance.uniform(0.3, 1)},
        Kind.DELAY: {"length": dark, "times": chance.randint(20, 400)},
        Kind.DARK: {"length": dark, "passes": chance.random() < _PASSES},
        Kind.MUTE: {"length": dark},
        Kind.WITHHOLD: {"length": profile.longest_silence * chance.uniform(0.3, 1)},
        Kind.DOUBLE: {"times": chance.randint(2, 4)},
    }
    return Fault(at=at, kind=kind, **details.get(kind, {}))


def instances(function: str | None = None) -> list[str]:
    """Return the names of all instances, or of one function's: `run`, `run-2`, …."""
    wanted = INSTANCES if function is None else {function: INSTANCES[function]}
    return [_name(each, number) for each, most in wanted.items() for number in range(1, most + 1)]


def _victim(chance: random.Random) -> str:
    [function] = chance.choices(list(_VICTIMS), weights=list(_VICTIMS.values()))
    return _name(function, chance.randint(1, INSTANCES[function]))


def _name(function: str, number: int) -> str:
    return function if number == 1 else f"{function}-{number}"
