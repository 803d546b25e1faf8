"""Chains of earlier runs, and the decision about a new one behind them."""

from collections.abc import Sequence
from typing import Any

from core.builders import NOON, a_run
from tock.core.run.admission.overlap import Decision, Look, decide
from tock.core.run.run import Run


def run(identifier: str, previous: str | None, **changes: Any) -> Run:
    return a_run(**({"id": identifier, "root": identifier, "previous": previous} | changes))


def waiting(identifier: str, previous: str, **changes: Any) -> Run:
    """A run held behind the one before it."""
    return run(identifier, previous, **({"status": "held", "blocked_by": previous} | changes))


def active(identifier: str, previous: str | None = None, **changes: Any) -> Run:
    return run(identifier, previous, **({"status": "running", "started": NOON} | changes))


def settled(identifier: str, previous: str | None = None, **changes: Any) -> Run:
    return run(identifier, previous, **({"status": "succeeded", "started": NOON, "check_at": None} | changes))


def never_started(identifier: str, previous: str | None, **changes: Any) -> Run:
    return run(identifier, previous, **({"status": "cancelled", "check_at": None} | changes))


def answer(new: Run, chain: Sequence[Run]) -> tuple[Decision, list[str]]:
    """Decide as a runner does, reading what it is told to look at; also return what was read."""
    stored = {earlier.id: earlier for earlier in chain}
    read: list[str] = []
    while isinstance(decision := decide(new, [stored.get(identifier) for identifier in read], now=NOON), Look):
        assert decision.run not in read
        read.append(decision.run)
    return decision, read


A, HELD_B = active("a"), waiting("b", "a")
QUEUED_B = run("b", "a")
HELD_C, HELD_D = waiting("c", "b"), waiting("d", "c")
