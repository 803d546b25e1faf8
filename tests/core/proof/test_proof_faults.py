"""Proofs that do not hold: each kind of fault in the records is found and named."""

from datetime import timedelta
from typing import Any

import pytest

from core.builders import NOON, at
from core.history import MISSED, History, minutely, proof_of, statuses, ticked
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.proof.proof import Finding
from tock.core.run.outcome import Cancelled, Outcome, Succeeded
from tock.core.run.run import MissedRange, Run
from tock.core.run.status import AttemptStatus, RunStatus


def test_a_fire_time_without_a_record_is_missing() -> None:
    history = minutely()
    del history.runs[history.run_at(at("12:03")).id]

    proof = proof_of(history)

    assert proof.faults == proof.lost == (Finding(at("12:03"), None, "has no record"),)
    assert statuses(proof)["12:03"] is OccurrenceStatus.LOST


def test_what_a_trigger_has_moved_past_is_lost_and_not_due() -> None:
    history = minutely()
    assert history.trigger is not None
    history.trigger = history.trigger.model_copy(update={"next_run_at": at("12:07")})

    assert statuses(proof_of(history, since="12:06", until="12:08")) == {
        "12:06": OccurrenceStatus.LOST,
        "12:07": OccurrenceStatus.DUE,
    }


def test_what_an_older_version_owed_is_never_due() -> None:
    history = minutely()
    history.edit(now=at("12:05:30"), input={"message": "new"})
    assert history.trigger is not None
    history.trigger = history.trigger.model_copy(update={"next_run_at": at("12:05")})
    del history.runs[history.run_at(at("12:05")).id]

    assert [each.fire_time for each in proof_of(history, until="12:05:30").lost] == [at("12:05")]


def test_a_pause_owes_nothing_so_that_a_run_in_it_is_extra() -> None:
    history, other = minutely(), minutely()
    history.edit(now=at("12:05:30"), enabled=False)
    run = ticked(other, "12:06").run_at(at("12:06"))
    history.put(run)

    assert proof_of(history, until="12:07").extra == (
        Finding(at("12:06"), run.id, "records an occurrence that no revision demands"),
    )


@pytest.mark.parametrize("change", [{"generation": 7}, {"scheduled_for": at("12:03:01")}], ids=str)
def test_a_run_of_another_generation_or_time_is_extra_and_its_own_missing(change: dict[str, Any]) -> None:
    history = minutely()
    history.put(history.run_at(at("12:03")).model_copy(update=change))

    proof = proof_of(history)

    assert [len(proof.lost), len(proof.extra), len(proof.faults)] == [1, 1, 2]


@pytest.mark.parametrize("outcome", [Succeeded(result=None), Cancelled(reason="enough")], ids=["done", "stopped"])
def test_a_run_that_an_edit_took_back_and_that_started_all_the_same_is_extra(outcome: Outcome) -> None:
    history = ticked(History(now=NOON), "12:00:30")
    run = history.run_at(at("12:01"))
    history.edit(now=at("12:00:40"), input={"message": "new"})
    history.work(run, outcome, at=at("12:01"))

    assert [each.run for each in proof_of(history, until="12:02").extra] == [run.id]


def test_two_records_of_one_occurrence_are_doubled() -> None:
    history = minutely()
    run = history.run_at(at("12:03"))
    history.put(run.model_copy(update={"id": "again"}))

    assert proof_of(history).faults == (Finding(at("12:03"), run.id, f"has 2 records: {run.id}, again"),)


def test_a_record_beside_a_range_is_doubled() -> None:
    history = ticked(minutely(**MISSED), "12:20:30")
    inside = history.run_at(at("12:05")).model_copy(update={"id": "inside", "scheduled_for": at("12:10")})
    history.put(inside)

    assert [(each.fire_time, each.run) for each in proof_of(history, until="12:20:30").doubled] == [
        (at("12:10"), "inside")
    ]


def _attempts(run: Run, *statuses: AttemptStatus, numbers: tuple[int, ...] = (1, 2, 3)) -> Run:
    """The run with attempts that ended like this."""
    attempts = tuple(
        run.attempts[0].model_copy(update={"number": number, "status": status})
        for number, status in zip(numbers, statuses, strict=False)
    )
    return run.model_copy(update={"attempts": attempts})


@pytest.mark.parametrize(
    ("statuses", "numbers", "again"),
    [
        ((AttemptStatus.FAILED, AttemptStatus.SUCCEEDED), (1, 1), 1),
        ((AttemptStatus.SUCCEEDED, AttemptStatus.SUCCEEDED), (1, 2), 1),
        ((AttemptStatus.RUNNING, AttemptStatus.SUCCEEDED), (1, 2), 1),
        ((AttemptStatus.CANCELLED, AttemptStatus.RUNNING, AttemptStatus.SUCCEEDED), (1, 2, 3), 2),
    ],
    ids=["one number twice", "after a success", "beside a running one", "after a cancellation"],
)
def test_an_attempt_that_no_failure_explains_is_doubled(
    statuses: tuple[AttemptStatus, ...], numbers: tuple[int, ...], again: int
) -> None:
    history = minutely()
    run = history.put(_attempts(history.run_at(at("12:03")), *statuses, numbers=numbers))

    problem = f"was started {again} times more than its failures explain"
    assert proof_of(history).faults == (Finding(at("12:03"), run.id, problem),)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"count": 13},
            "counts 13 missed from 2027-01-01 12:06:00+00:00 to 2027-01-01 12:19:00+00:00, but 14 were expected",
        ),
        ({"first": at("12:05:30")}, "records a range from 2027-01-01 12:05:30"),
        ({"last": at("12:18"), "count": 13}, None),
        ({"last": at("12:19:30")}, "records a range from 2027-01-01 12:06:00"),
    ],
    ids=["count", "first", "too short", "last"],
)
def test_a_range_must_say_what_was_owed(change: dict[str, Any], problem: str | None) -> None:
    history = ticked(minutely(**MISSED), "12:20:30")
    record = history.run_at(at("12:06"))
    assert record.missed == MissedRange(first=at("12:06"), last=at("12:19"), count=14)
    history.put(record.model_copy(update={"missed": record.missed.model_copy(update=change)}))

    proof = proof_of(history, until="12:20:30")

    assert not proof.holds
    assert [each.problem for each in proof.extra if problem and each.problem.startswith(problem)] == [
        each.problem for each in proof.extra
    ]
    assert [each.fire_time for each in proof.lost] == ([] if problem else [at("12:19")])


@pytest.mark.parametrize(("since", "until"), [("12:10", "12:15"), ("12:10", "12:30"), ("12:00", "12:15")])
def test_a_range_over_an_end_of_the_interval_is_counted_as_a_whole(since: str, until: str) -> None:
    history = ticked(minutely(**MISSED), "12:20:30")
    record = history.run_at(at("12:06"))
    assert record.missed is not None
    history.put(record.model_copy(update={"missed": record.missed.model_copy(update={"count": 15})}))

    assert len(proof_of(history, since=since, until=until).extra) == 1


def test_a_range_of_ages_is_refused_with_the_number_that_was_expected() -> None:
    history = ticked(minutely(**MISSED), "12:20:30")
    record = history.run_at(at("12:06"))
    ages = MissedRange(first=at("12:06"), last=at("12:06") + timedelta(days=36_500), count=52_560_000)
    history.put(record.model_copy(update={"missed": ages}))

    [extra] = proof_of(history, until="12:15").extra
    assert extra.problem.endswith("but 52560001 were expected")


def test_a_range_of_a_generation_that_owed_nothing_is_extra() -> None:
    history = ticked(minutely(**MISSED), "12:20:30")
    history.put(history.run_at(at("12:06")).model_copy(update={"generation": 7}))

    proof = proof_of(history, until="12:20:30")

    assert len(proof.lost) == 14
    assert [each.problem for each in proof.extra] == ["records a range of occurrences that no revision demands"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"status": RunStatus.QUEUED, "check_at": None}, "is queued, but no sweep will look at it"),
        ({"status": RunStatus.RUNNING, "check_at": None}, "is running, but no sweep will look at it"),
        ({"status": RunStatus.SKIPPED, "reason": None}, "is skipped without a reason"),
        ({"status": RunStatus.MISSED, "reason": ""}, "is missed without a reason"),
        ({"status": RunStatus.CANCELLED, "reason": None}, "is cancelled without a reason"),
        ({"status": RunStatus.FAILED, "error": None}, "is failed without an error"),
        ({"status": RunStatus.TIMED_OUT, "error": None}, "is timed_out without an error"),
        ({"attempts": ()}, "succeeded, but none of its attempts did"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_record_that_explains_nothing_is_a_fault(change: dict[str, Any], problem: str) -> None:
    history = minutely()
    run = history.put(history.run_at(at("12:03")).model_copy(update=change))

    assert proof_of(history).faults == (Finding(at("12:03"), run.id, problem),)


def test_a_cancellation_at_work_is_explained_by_its_reason() -> None:
    history = ticked(History(now=NOON), "12:01")
    history.work(history.run_at(at("12:01")), Cancelled(reason="enough"), at=at("12:01"))

    proof = proof_of(history, until="12:02")

    assert (proof.holds, statuses(proof)) == (True, {"12:01": OccurrenceStatus.FIRED})


def test_a_late_start_is_told_and_is_no_fault() -> None:
    history = ticked(History(now=NOON), "12:01")
    punctual, late = (history.run_at(at(clock)) for clock in ("12:01", "12:02"))
    history.work(punctual, at=at("12:02"))
    history.work(late, at=at("12:03:01"))

    proof = proof_of(history, until="12:02:01")

    assert proof.holds
    assert proof.late == (Finding(at("12:02"), late.id, "started 0:01:01 late"),)
