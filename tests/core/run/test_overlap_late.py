"""Whether a run may start that meets a late run, or is late itself."""

from datetime import timedelta

import pytest

from core.builders import NOON
from core.run.chains import HELD_B, HELD_C, A, active, answer, never_started, run, settled, waiting
from tock.core.policies import CatchUp, CatchUpMode
from tock.core.run.admission.lateness import PUNCTUAL
from tock.core.run.admission.overlap import Decision, Hold, Skip, Start
from tock.core.run.run import Run

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
