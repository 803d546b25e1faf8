"""A claim: the trigger with its next fire time, and a record of every fire time that the plan decided."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.builders import NOON, TIMING, a_trigger, at, once
from tock.core.ids.derived import occurrence_id, shard_of
from tock.core.policies import Overlap, Retry
from tock.core.run.run import MissedRange, Run, Snapshot
from tock.core.run.status import RunSource, RunStatus
from tock.core.schedule.schedule import CronSchedule
from tock.core.time.instant import instant_text
from tock.core.time.stamp import Stamp
from tock.core.trigger.claim import Claim, claim
from tock.core.trigger.plan import Plan, plan
from tock.core.trigger.trigger import ClaimedRun, Input, Pause, PauseReason, Trigger


def claimed(trigger: Trigger, *, now: datetime = NOON, **given: Any) -> Claim:
    decided = given.pop("plan", None) or plan(trigger, now=now, look_ahead=TIMING.look_ahead)
    return claim(trigger, decided, now=now, claimed_by="tick-1", timing=TIMING, **given)


def run_id(fire_time: datetime, **changes: Any) -> str:
    identity: dict[str, Any] = {"project": "library", "trigger": "digest", "generation": 1} | changes
    return occurrence_id(fire_time=fire_time, **identity)


def test_a_claimed_run_carries_everything_its_execution_needs() -> None:
    trigger = a_trigger(
        schedule=CronSchedule(cron="0 13 * * *", time_zone="Europe/Berlin"),
        input=Input(message="Read {{repo}}.", payload={"repo": "shelf"}, model="small", ref="main"),
        overlap=Overlap.QUEUE,
        queue_depth=4,
        retry=Retry(max_retries=5, delay=timedelta(seconds=30)),
        timeout=timedelta(minutes=20),
        generation=6,
        last_run="run-before",
    )
    now = at("11:59")

    made = claimed(trigger, now=now)

    identifier = run_id(NOON, generation=6)
    assert made.runs == (
        Run(
            project="library",
            id=identifier,
            agent="reader",
            trigger="digest",
            source=RunSource.SCHEDULE,
            scheduled_for=NOON,
            due_at=NOON,
            status=RunStatus.QUEUED,
            input=Snapshot(
                message="Read shelf.",
                payload={"repo": "shelf"},
                model="small",
                ref="main",
                time_zone="Europe/Berlin",
            ),
            retry=Retry(max_retries=5, delay=timedelta(seconds=30)),
            timeout=timedelta(minutes=20),
            overlap=Overlap.QUEUE,
            queue_depth=4,
            generation=6,
            claimed_by="tick-1",
            created=Stamp(at=now, by="schedule"),
            previous="run-before",
            root=identifier,
            check_at=NOON + timedelta(seconds=15),
            shard=shard_of(identifier, shards=TIMING.shards),
        ),
    )


def test_the_trigger_moves_on_and_nothing_else_of_it_changes() -> None:
    trigger = a_trigger()

    made = claimed(trigger, now=at("11:59"))

    assert made.trigger == trigger.model_copy(
        update={
            "next_run_at": at("12:01"),
            "claimed": (ClaimedRun(run=run_id(NOON), fire_time=NOON),),
            "last_run": run_id(NOON),
            "decided_at": at("11:59"),
        }
    )


def test_each_run_names_the_one_before_it() -> None:
    made = claimed(a_trigger(last_run="run-before"), now=at("11:59:40"))

    assert [run.previous for run in made.runs] == ["run-before", run_id(NOON)]
    assert made.trigger.last_run == run_id(at("12:01"))


def test_the_chain_goes_on_across_claims() -> None:
    first = claimed(a_trigger(), now=at("11:59"))
    second = claimed(first.trigger, now=at("12:00"))

    assert [run.previous for run in (*first.runs, *second.runs)] == [None, first.runs[0].id]


def test_claimed_keeps_only_runs_whose_fire_time_has_not_come() -> None:
    noted = tuple(ClaimedRun(run=run_id(at(time)), fire_time=at(time)) for time in ("11:59", "12:00", "12:01"))
    trigger = a_trigger(claimed=noted, next_run_at=at("12:02"))

    made = claimed(trigger, now=at("12:00:30"))

    assert made.trigger.claimed == (noted[2], ClaimedRun(run=run_id(at("12:02")), fire_time=at("12:02")))


def test_a_late_run_is_not_noted_as_still_to_come() -> None:
    made = claimed(a_trigger(), now=at("12:00:10"))

    assert [run.scheduled_for for run in made.runs] == [at("12:00"), at("12:01")]
    assert made.trigger.claimed == (ClaimedRun(run=run_id(at("12:01")), fire_time=at("12:01")),)


@pytest.mark.parametrize(
    ("now", "check_at"), [(at("11:59"), at("12:00:15")), (at("12:00:30"), at("12:00:45"))], ids=["early", "late"]
)
def test_somebody_looks_at_a_run_a_grace_after_it_can_start(now: datetime, check_at: datetime) -> None:
    assert claimed(a_trigger(), now=now).runs[0].check_at == check_at


def test_a_trigger_without_a_further_fire_time_is_disabled_as_exhausted() -> None:
    made = claimed(a_trigger(schedule=once(NOON)))

    assert [run.scheduled_for for run in made.runs] == [NOON]
    assert (made.trigger.enabled, made.trigger.next_run_at) == (False, None)
    assert made.trigger.paused == Pause(
        reason=PauseReason.EXHAUSTED, note="no fire time is left", at=NOON, by="schedule"
    )


def test_a_disabled_trigger_keeps_the_reason_it_has() -> None:
    pause = Pause(reason=PauseReason.DISABLED, note="holidays", at=NOON, by="ada@example.com")

    made = claimed(a_trigger(enabled=False, paused=pause, next_run_at=None))

    assert made.trigger.paused == pause


def test_misses_leave_one_record_with_a_range_and_a_reason() -> None:
    trigger = a_trigger(last_run="run-before", catch_up={"mode": "none"}, schedule=CronSchedule(cron="*/10 * * * *"))
    now = at("12:25")

    made = claimed(trigger, now=now)

    (record,) = made.runs
    expected = claimed(
        a_trigger(schedule=trigger.schedule, catch_up=trigger.catch_up), now=now, plan=Plan((NOON,), None, at("12:30"))
    ).runs[0]
    assert record == expected.model_copy(
        update={
            "status": RunStatus.MISSED,
            "reason": made.runs[0].reason,
            "missed": MissedRange(first=NOON, last=at("12:20"), count=3),
            "finished": now,
            "check_at": None,
            "expire_at": now + TIMING.retention,
        }
    )
    assert record.id == run_id(NOON)
    assert made.queued == ()
    assert made.trigger.last_run == "run-before"


def test_a_miss_is_not_in_the_chain_of_runs() -> None:
    made = claimed(a_trigger(last_run="run-before"), now=at("12:30"))

    fired = made.queued
    assert [run.status for run in made.runs] == [*["queued"] * len(fired), "missed"]
    assert fired[0].previous == "run-before"
    assert made.trigger.last_run == fired[-1].id


def test_misses_may_have_another_cause() -> None:
    made = claimed(
        a_trigger(),
        plan=Plan((), MissedRange(first=NOON, last=NOON, count=1), at("12:01")),
        ended_by="the trigger was disabled",
    )

    assert made.runs[0].reason == "the trigger was disabled at 2027-01-01T12:00:00Z, before a tick claimed it"


def test_the_same_claim_twice_is_equal() -> None:
    assert claimed(a_trigger(), now=at("12:30")) == claimed(a_trigger(), now=at("12:30"))


def test_two_ticks_give_the_same_occurrence_the_same_id() -> None:
    early, late = claimed(a_trigger(), now=at("11:59")), claimed(a_trigger(), now=at("12:00:40"))

    assert early.runs[0].id == late.runs[0].id


@pytest.mark.parametrize("change", [{"project": "archive"}, {"id": "weekly"}, {"generation": 2}], ids=str)
def test_another_project_trigger_or_generation_has_other_runs(change: dict[str, Any]) -> None:
    ids = {run.id for run in claimed(a_trigger()).runs}

    assert ids.isdisjoint(run.id for run in claimed(a_trigger(**change)).runs)


def test_a_run_carries_its_fire_time_in_its_message_and_what_the_payload_lacks_as_a_warning() -> None:
    given = Input(message="{{scheduled_for}} {{shop}}", payload={"repo": "shelf"})

    runs = claimed(a_trigger(input=given)).runs

    assert runs
    assert [run.input.message for run in runs] == [f"{instant_text(run.scheduled_for)} " for run in runs]
    assert {run.warnings for run in runs} == {("The payload has no value for {{shop}}: empty text took its place.",)}
