"""Whether a run may start, for every kind of earlier runs."""

from typing import Any

import pytest

from core.builders import NOON
from core.run.chains import HELD_B, HELD_C, HELD_D, QUEUED_B, A, active, answer, never_started, run, settled
from tock.core.run.admission.overlap import LONGEST_CHAIN, Decision, GiveUp, Hold, Look, Skip, Start, decide
from tock.core.run.run import Run
from tock.core.run.status import RunStatus

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
