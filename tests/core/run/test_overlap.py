"""Whether a run may start, for every kind of earlier runs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from core.builders import NOON, a_run
from tock.core.policies import CatchUp, CatchUpMode
from tock.core.run.admission.lateness import PUNCTUAL
from tock.core.run.admission.overlap import LONGEST_CHAIN, Decision, GiveUp, Hold, Look, Skip, Start, decide
from tock.core.run.run import Run
from tock.core.run.status import RunStatus


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
#: The new run `z`: the chain before it, what becomes of it under skip, queue and replace, and what was read for skip.
CHAINS: dict[str, tuple[str | None, list[Run], Decision, Decision, Decision, list[str]]] = {
    "nothing before it": (None, [], Start(), Start(), Start(), []),
    "a settled run": ("a", [settled("a", "0")], Start(), Start(), Start(), ["a"]),
    "a failed run": ("a", [settled("a", "0", status="failed")], Start(), Start(), Start(), ["a"]),
    "a cancelled run that had started": (
        "a",
        [settled("a", "0", status="cancelled")],
        Start(),
        Start(),
        Start(),
        ["a"],
    ),
    "a run that is gone": ("a", [], Start(), Start(), Start(), ["a"]),
    "a running one": ("a", [A], Skip(A), Hold(A), Hold(A, replace=True), ["a"]),
    "one that is about to start": (
        "b",
        [settled("a"), QUEUED_B],
        Skip(QUEUED_B),
        Hold(QUEUED_B),
        Hold(QUEUED_B, replace=True),
        ["b", "a"],
    ),
    "one between two attempts": (
        "a",
        [active("a", status="queued", attempt=2)],
        Skip(active("a", status="queued", attempt=2)),
        Hold(active("a", status="queued", attempt=2)),
        Hold(active("a", status="queued", attempt=2), replace=True),
        ["a"],
    ),
    "one that waits for an answer": (
        "a",
        [active("a", status="waiting")],
        Skip(active("a", status="waiting")),
        Hold(active("a", status="waiting")),
        Hold(active("a", status="waiting"), replace=True),
        ["a"],
    ),
    "a held one: the queue is full": (
        "b",
        [A, HELD_B],
        Skip(HELD_B),
        Skip(HELD_B),
        Hold(HELD_B, replace=True),
        ["b", "a"],
    ),
    "a skipped one leads to what it gave way to": (
        "c",
        [A, run("b", "a", status="skipped", blocked_by="a"), run("c", "b", status="skipped", blocked_by="a")],
        Skip(A),
        Hold(A),
        Hold(A, replace=True),
        ["c", "a"],
    ),
    "a skipped one whose blocker has settled": (
        "b",
        [settled("a", "0"), never_started("b", "a", status="skipped", blocked_by="a")],
        Start(),
        Start(),
        Start(),
        ["b", "a"],
    ),
    "a skipped one whose blocker is gone": (
        "b",
        [never_started("b", "a", status="skipped", blocked_by="a")],
        Start(),
        Start(),
        Start(),
        ["b", "a"],
    ),
    "one cancelled before it started leads to its own previous": (
        "c",
        [A, never_started("b", "a"), never_started("c", "b")],
        Skip(A),
        Hold(A),
        Hold(A, replace=True),
        ["c", "b", "a"],
    ),
    "one cancelled while it was held leads to what held it": (
        "c",
        [A, never_started("b", "a"), never_started("c", "b", blocked_by="a")],
        Skip(A),
        Hold(A),
        Hold(A, replace=True),
        ["c", "a"],
    ),
    "one that was refused when it was about to start": (
        "b",
        [settled("a", "0"), never_started("b", "a", status="failed")],
        Start(),
        Start(),
        Start(),
        ["b"],
    ),
    "cancelled ones with nothing before them": ("a", [never_started("a", None)], Start(), Start(), Start(), ["a"]),
    "a settled parallel run had company": (
        "b",
        [A, settled("b", "a", overlap="parallel")],
        Skip(A),
        Hold(A),
        Hold(A, replace=True),
        ["b", "a"],
    ),
    "a settled run that allowed none answers for all before it": (
        "b",
        [active("a"), settled("b", "a")],
        Start(),
        Start(),
        Start(),
        ["b"],
    ),
    "an active parallel run": (
        "a",
        [active("a", overlap="parallel")],
        Skip(active("a", overlap="parallel")),
        Hold(active("a", overlap="parallel")),
        Hold(active("a", overlap="parallel"), replace=True),
        ["a"],
    ),
}


@pytest.mark.parametrize(("previous", "chain", "skip", "queue", "replace", "read"), CHAINS.values(), ids=CHAINS)
def test_what_becomes_of_a_run_after_a_chain(  # noqa: PLR0917 - one row of the table
    previous: str | None, chain: list[Run], skip: Decision, queue: Decision, replace: Decision, read: list[str]
) -> None:
    assert answer(run("z", previous, overlap="skip"), chain) == (skip, read)
    assert answer(run("z", previous, overlap="queue"), chain)[0] == queue
    assert answer(run("z", previous, overlap="replace"), chain)[0] == replace
    assert answer(run("z", previous, overlap="parallel"), chain) == (Start(), [])


HELD_C, HELD_D = waiting("c", "b"), waiting("d", "c")
CANCELLED_C = never_started("c", "b", blocked_by="b")
QUEUES: dict[str, tuple[list[Run], int, Decision, list[str]]] = {
    "behind a running one, depth 1": ([A], 1, Hold(A), ["a"]),
    "one waits, depth 1": ([A, HELD_B], 1, Skip(HELD_B), ["b", "a"]),
    "one waits, depth 2": ([A, HELD_B], 2, Hold(HELD_B), ["b", "a"]),
    "two wait, depth 2": ([A, HELD_B, HELD_C], 2, Skip(HELD_C), ["c", "b", "a"]),
    "two wait, depth 3": ([A, HELD_B, HELD_C], 3, Hold(HELD_C), ["c", "b", "a"]),
    "three wait, depth 3": ([A, HELD_B, HELD_C, HELD_D], 3, Skip(HELD_D), ["d", "c", "b", "a"]),
    "three wait, depth 10": ([A, HELD_B, HELD_C, HELD_D], 10, Hold(HELD_D), ["d", "c", "b", "a"]),
    "one waits, and what it waited for has settled": ([settled("a"), HELD_B], 2, Hold(HELD_B), ["b", "a"]),
    "one waits, and what it waited for is gone": ([HELD_B], 2, Hold(HELD_B), ["b", "a"]),
    "a late one is still on its way behind a running one: it will wait, depth 1": (
        [A, QUEUED_B],
        1,
        Skip(QUEUED_B),
        ["b", "a"],
    ),
    "a late one is next to start: nobody waits, depth 1": ([settled("a"), QUEUED_B], 1, Hold(QUEUED_B), ["b", "a"]),
    "one in the middle was cancelled: two wait, depth 2": (
        [A, HELD_B, CANCELLED_C, HELD_D],
        2,
        Skip(HELD_D),
        ["d", "c", "b", "a"],
    ),
    "one in the middle was cancelled: two wait, depth 3": (
        [A, HELD_B, CANCELLED_C, HELD_D],
        3,
        Hold(HELD_D),
        ["d", "c", "b", "a"],
    ),
}


@pytest.mark.parametrize(("chain", "depth", "expected", "read"), QUEUES.values(), ids=QUEUES)
def test_a_queue_holds_no_more_than_its_depth(
    chain: list[Run], depth: int, expected: Decision, read: list[str]
) -> None:
    new = run("z", chain[-1].id, overlap="queue", queue_depth=depth)

    assert answer(new, chain) == (expected, read)


def test_an_answer_asks_for_one_run_at_a_time() -> None:
    assert decide(run("z", "a"), [], now=NOON) == Look("a")
    assert decide(run("z", "a"), [None], now=NOON) == Start()


@pytest.mark.parametrize("status", [status for status in RunStatus if not status.terminal])
def test_every_active_status_is_in_the_way(status: RunStatus) -> None:
    earlier = active("a", status=status)

    decision, _ = answer(run("z", "a", overlap="skip"), [earlier])

    assert decision == Skip(earlier)


def test_a_chain_of_company_is_followed_only_so_far() -> None:
    chain = [
        settled(f"run-{number}", f"run-{number - 1}", overlap="parallel") for number in range(1, LONGEST_CHAIN + 50)
    ]

    decision, read = answer(run("z", f"run-{LONGEST_CHAIN + 49}"), chain)

    assert (decision, len(read)) == (Start(), LONGEST_CHAIN)


LATE_A, LATE_B = active("a", late=True), waiting("b", "a", late=True)
OVERDUE = run("a", None, due_at=NOON - PUNCTUAL - timedelta(seconds=1), catch_up={"mode": "all"})
#: Chains whose last run a new one must wait for, whatever its policy.
LATE: dict[str, list[Run]] = {
    "at work": [LATE_A],
    "between two attempts": [active("a", status="queued", attempt=2, late=True)],
    "held": [LATE_A, LATE_B],
    "not started in time": [OVERDUE],
}
#: Chains whose last run waits for the turn of a late one.
BEHIND_LATE: dict[str, list[Run]] = {
    "held": [LATE_A, HELD_B],
    "two that are held": [LATE_A, HELD_B, HELD_C],
    "about to start": [LATE_A, run("b", "a")],
    "about to start with a late one": [OVERDUE, run("b", "a")],
}


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
@pytest.mark.parametrize("chain", LATE.values(), ids=LATE)
def test_whoever_meets_a_late_run_takes_its_turn_whatever_the_policy(chain: list[Run], overlap: str) -> None:
    new = run("z", chain[-1].id, overlap=overlap)

    assert answer(new, chain) == (Hold(chain[-1]), [chain[-1].id])
    assert answer(new.model_copy(update={"late": True}), chain) == (Hold(chain[-1]), [chain[-1].id])


@pytest.mark.parametrize("overlap", ["skip", "queue"])
@pytest.mark.parametrize("chain", BEHIND_LATE.values(), ids=BEHIND_LATE)
def test_whoever_meets_a_run_behind_a_late_one_takes_its_turn(chain: list[Run], overlap: str) -> None:
    new = run("z", chain[-1].id, overlap=overlap)

    assert answer(new, chain) == (Hold(chain[-1]), [each.id for each in reversed(chain)])


def test_a_run_that_waits_for_a_turn_is_replaced_by_the_next_one() -> None:
    assert answer(run("z", "b", overlap="replace"), [LATE_A, HELD_B]) == (Hold(HELD_B, replace=True), ["b"])


def test_a_run_is_replaced_that_its_catch_up_policy_lets_start_no_more() -> None:
    overdue = OVERDUE.model_copy(update={"catch_up": CatchUp(mode=CatchUpMode.LATEST)})

    assert answer(run("z", "a", overlap="replace"), [overdue]) == (Hold(overdue, replace=True), ["a"])
    assert answer(run("z", "a", overlap="skip"), [overdue]) == (Hold(overdue), ["a"])


def test_a_late_run_meets_one_that_began_before_it_by_the_policy() -> None:
    assert answer(run("z", "a", overlap="skip", late=True), [A]) == (Skip(A), ["a"])
    assert answer(run("z", "a", overlap="replace", late=True), [A]) == (Hold(A, replace=True), ["a"])


def test_nobody_waits_for_a_late_run_that_has_settled() -> None:
    assert answer(run("z", "a", overlap="skip"), [settled("a", "0", late=True)]) == (Start(), ["a"])
    assert answer(run("z", "b", overlap="skip"), [settled("a", "0", late=True), active("b", "a")]) == (
        Skip(active("b", "a")),
        ["b"],
    )


PARALLEL = {"overlap": "parallel"}
#: What a late run with the policy `parallel` does after a chain, and what it reads.
LATE_PARALLEL: dict[str, tuple[list[Run], Decision, list[str]]] = {
    "nothing": ([], Start(), ["a"]),
    "a late one at work": ([active("a", late=True, **PARALLEL)], Hold(active("a", late=True, **PARALLEL)), ["a"]),
    "a late one that is held": ([LATE_A, LATE_B], Hold(LATE_B), ["b"]),
    "one at work that is not late": ([A], Start(), ["a"]),
    "a late one that has settled": ([A, settled("b", "a", late=True, **PARALLEL)], Start(), ["b"]),
    "a missed one after a late one": ([LATE_A, never_started("b", "a", status="missed")], Hold(LATE_A), ["b", "a"]),
}


@pytest.mark.parametrize(("chain", "expected", "read"), LATE_PARALLEL.values(), ids=LATE_PARALLEL)
def test_a_late_parallel_run_waits_only_for_the_late_one_before_it(
    chain: list[Run], expected: Decision, read: list[str]
) -> None:
    new = run("z", chain[-1].id if chain else "a", late=True, **PARALLEL)

    assert answer(new, chain) == (expected, read)


def between_attempts(status: str, **retry: Any) -> Run:
    """A run that waits for its second attempt after the first ended with the status."""
    return active(
        "a",
        status="queued",
        attempt=2,
        attempts=[{"number": 1, "status": status, "owner": "r", "started": NOON, "agent_revision": 1}],
        retry={"give_up_at_next": True, "max_retries": 3} | retry,
    )


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
@pytest.mark.parametrize("status", ["failed", "timed_out"])
def test_a_retry_is_given_up_for_the_next_occurrence_where_its_policy_says_so(status: str, overlap: str) -> None:
    new, waits = run("z", "a", overlap=overlap), between_attempts(status)

    assert answer(new, [waits]) == (GiveUp(waits), ["a"])
    assert answer(run("z", "a", overlap="parallel"), [waits]) == (Start(), [])
    assert not isinstance(answer(new, [between_attempts(status, give_up_at_next=False)])[0], GiveUp)


def test_an_attempt_that_was_lost_is_repeated_and_not_given_up() -> None:
    waits = between_attempts("lost")

    assert answer(run("z", "a", overlap="skip"), [waits]) == (Skip(waits), ["a"])
