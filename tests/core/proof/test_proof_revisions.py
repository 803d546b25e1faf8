"""Proofs across edits, pauses and deletions: which revision demands which fire time."""

from datetime import datetime, timedelta

import pytest

from core.builders import NOON, at, every, once
from core.history import History, minutely, proof_of, statuses, ticked, withdrawn
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.proof.proof import prove
from tock.core.schedule.schedule import CronSchedule


def test_an_edit_gives_each_fire_time_to_one_version() -> None:
    history = minutely()

    history.edit(now=at("12:05:20"), schedule=every(seconds=15))
    ticked(history, "12:06")

    proof = proof_of(history, until="12:06:01")
    assert proof.holds
    assert [f"{each.fire_time:%M:%S}" for each in proof.occurrences[-4:]] == ["05:00", "05:30", "05:45", "06:00"]


def test_a_fire_time_at_the_instant_of_an_edit_is_the_old_versions() -> None:
    history = minutely()

    history.edit(now=at("12:06"), schedule=every(seconds=30))
    history.tick(now=at("12:06:30"))

    proof = proof_of(history, since="12:05:30", until="12:07:01")
    assert proof.holds
    assert [f"{each.fire_time:%M:%S}" for each in proof.occurrences] == ["06:00", "06:30", "07:00"]
    assert history.run_at(at("12:06")).generation < history.run_at(at("12:06:30")).generation


def test_what_an_edit_took_back_before_its_fire_time_is_no_fault() -> None:
    history = ticked(History(now=NOON), "12:00:30")

    history.edit(now=at("12:00:40"), input={"message": "new"})

    assert [run.scheduled_for for run in history.runs.values() if withdrawn(run)] == [at("12:01"), at("12:02")]
    assert proof_of(history, until="12:02:01").holds
    assert proof_of(history, until="12:02:01").counts == {OccurrenceStatus.IN_FLIGHT: 2}


def test_a_pause_owes_nothing_until_it_ends() -> None:
    history = minutely()

    history.edit(now=at("12:05:30"), enabled=False)
    history.edit(now=at("12:09:30"), enabled=True)

    assert list(statuses(proof_of(history, since="12:04", until="12:11"))) == ["12:04", "12:05", "12:10"]


def test_a_pause_and_a_deletion_let_go_what_was_never_ticked() -> None:
    paused, deleted = minutely(), minutely()

    paused.edit(now=at("12:09:30"), enabled=False)
    deleted.delete(now=at("12:09:30"))

    for history in (paused, deleted):
        proof = proof_of(history, since="12:05", until="12:30")
        assert proof.holds
        assert proof.counts == {OccurrenceStatus.FIRED: 1, OccurrenceStatus.MISSED: 4}


def test_a_trigger_that_takes_a_deleted_ones_id_owes_what_it_says_itself() -> None:
    history = minutely()
    history.delete(now=at("12:05:30"))

    history.create(now=at("12:07:30"), schedule=every(seconds=30))

    proof = proof_of(history, since="12:05", until="12:08:31")
    assert proof.holds
    assert list(statuses(proof)) == ["12:05", "12:08"]
    assert len(proof.occurrences) == 3


def test_an_edit_of_labels_changes_no_generation_and_moves_no_fire_time() -> None:
    history = minutely()

    history.edit(now=at("12:02:30"), name="Digest")
    history.edit(now=at("12:05:30"), schedule=every(seconds=30))

    assert proof_of(history, until="12:06:01").holds


def test_labels_written_by_a_clock_that_is_ahead_do_not_hold_back_the_next_edit() -> None:
    history = minutely()

    history.edit(now=at("12:06:03"), name="Digest")
    history.edit(now=at("12:05:55"), input={"message": "new"})

    proof = proof_of(history, since="12:05:01", until="12:07")
    assert (proof.holds, statuses(proof)) == (True, {"12:06": OccurrenceStatus.IN_FLIGHT})


def test_edits_by_clocks_that_differ_follow_each_other() -> None:
    history = minutely()

    history.edit(now=at("12:06:02"), input={"message": "ahead"})
    history.edit(now=at("12:05:59"), input={"message": "behind"})

    proof = proof_of(history, since="12:05:01", until="12:08")
    assert proof.holds
    assert statuses(proof) == {"12:06": OccurrenceStatus.IN_FLIGHT, "12:07": OccurrenceStatus.IN_FLIGHT}


def test_without_the_time_of_the_last_decision_such_edits_are_found_out() -> None:
    history = minutely()
    history.edit(now=at("12:06:02"), input={"message": "ahead"})
    assert history.trigger is not None
    history.trigger = history.trigger.model_copy(update={"decided_at": None})

    history.edit(now=at("12:05:59"), input={"message": "behind"})

    assert [each.fire_time for each in proof_of(history, since="12:05:01", until="12:08").extra] == [at("12:06")]


def test_start_and_end_bound_what_is_owed() -> None:
    history = History(now=NOON, start=at("12:02"), end=at("12:05"))
    ticked(history, "12:01", "12:02", "12:03", "12:04")

    proof = proof_of(history, until="12:30")

    assert proof.holds
    assert list(statuses(proof)) == ["12:02", "12:03", "12:04"]


def test_a_trigger_that_fires_once_owes_one() -> None:
    history = ticked(History(now=NOON, schedule=once(at("12:03"))), "12:02")

    assert statuses(proof_of(history, until="12:30")) == {"12:03": OccurrenceStatus.IN_FLIGHT}
    assert proof_of(history, until="12:30").holds


@pytest.mark.parametrize(
    ("day", "times"),
    [("03-27", ["2027-03-28T01:00", "2027-03-29T00:30"]), ("10-30", ["2027-10-31T00:30", "2027-11-01T01:30"])],
    ids=["gap", "fold"],
)
def test_a_changing_clock_is_followed(day: str, times: list[str]) -> None:
    schedule = CronSchedule(cron="30 2 * * *", time_zone="Europe/Berlin")
    start = datetime.fromisoformat(f"2027-{day}T12:00:00+00:00")
    history = History(now=start, schedule=schedule)
    for hours in range(49):
        history.tick(now=start + timedelta(hours=hours, minutes=29))

    proof = history.prove(since=start, until=start + timedelta(hours=48))

    assert proof.holds
    assert [f"{each.fire_time:%Y-%m-%dT%H:%M}" for each in proof.occurrences] == times


def test_nothing_is_owed_without_a_revision() -> None:
    assert prove([], [], since=NOON, until=at("13:00"), next_run_at=None).occurrences == ()
