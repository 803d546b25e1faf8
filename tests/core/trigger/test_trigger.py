"""What a trigger may contain, and its defaults."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from core.builders import NOON, a_trigger, at
from tock.core.policies import CatchUp, CatchUpMode, Overlap, Retry
from tock.core.schedule.schedule import CronSchedule
from tock.core.trigger.trigger import Input, Trigger, TriggerSpec

LEAST: dict[str, Any] = {"agent": "reader", "schedule": {"cron": "0 9 * * 1-5"}}


def test_what_is_left_out_has_a_cautious_default() -> None:
    assert TriggerSpec.model_validate(LEAST) == TriggerSpec(
        agent="reader",
        schedule=CronSchedule(cron="0 9 * * 1-5", time_zone="UTC"),
        name=None,
        description="",
        input=Input(message=None, payload={}, model=None, ref=None),
        overlap=Overlap.SKIP,
        queue_depth=1,
        catch_up=CatchUp(mode=CatchUpMode.LATEST, window=timedelta(hours=1)),
        retry=Retry(max_retries=2, delay=timedelta(seconds=60)),
        timeout=timedelta(minutes=5),
        start=None,
        end=None,
        enabled=True,
    )


ACCEPTED: dict[str, dict[str, Any]] = {
    "no retries": {"retry": {"max_retries": 0}},
    "ten retries": {"retry": {"max_retries": 10}},
    "the shortest delay": {"retry": {"delay": "PT1S"}},
    "the longest delay": {"retry": {"delay": "PT1H"}},
    "the shortest timeout": {"timeout": "1s"},
    "the longest timeout": {"timeout": "PT29M"},
    "the shortest window": {"catch_up": {"window": "1m"}},
    "the longest window": {"catch_up": {"window": "7d"}},
    "the deepest queue": {"overlap": "queue", "queue_depth": 10},
    "an end after the start": {"start": "2027-01-01T12:00:00Z", "end": "2027-01-01T12:00:01Z"},
}


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED)
def test_a_specification_is_accepted(change: dict[str, Any]) -> None:
    spec = TriggerSpec.model_validate(LEAST | change)

    assert TriggerSpec.model_validate_json(spec.model_dump_json()) == spec


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "fewer than no retries": ({"retry": {"max_retries": -1}}, "retry.max_retries"),
    "eleven retries": ({"retry": {"max_retries": 11}}, "retry.max_retries"),
    "too short a delay": ({"retry": {"delay": "0.9s"}}, "retry.delay"),
    "no delay": ({"retry": {"delay": "0s"}}, "retry.delay"),
    "too long a delay": ({"retry": {"delay": "PT1H1S"}}, "retry.delay"),
    "no timeout": ({"timeout": "0s"}, "timeout"),
    "too long a timeout": ({"timeout": "PT29M1S"}, "timeout"),
    "a timeout without a unit": ({"timeout": 300}, "timeout"),
    "too short a window": ({"catch_up": {"window": "59s"}}, "catch_up.window"),
    "too long a window": ({"catch_up": {"window": "P7DT1S"}}, "catch_up.window"),
    "an unknown catch-up": ({"catch_up": {"mode": "some"}}, "catch_up.mode"),
    "an unknown overlap": ({"overlap": "maybe"}, "overlap"),
    "an empty queue": ({"queue_depth": 0}, "queue_depth"),
    "too deep a queue": ({"queue_depth": 11}, "queue_depth"),
    "an agent that cannot be named": ({"agent": "a/b"}, "agent"),
    "a start without an offset": ({"start": "2027-01-01T12:00:00"}, "start"),
    "a next fire time of one's own": ({"next_run_at": "2027-01-01T12:00:00Z"}, "next_run_at"),
    "a project of one's own": ({"project": "archive"}, "project"),
    "an unknown field of the input": ({"input": {"text": "x"}}, "input.text"),
    "an unknown field of a policy": ({"retry": {"tries": 3}}, "retry.tries"),
}


@pytest.mark.parametrize(("change", "field"), REFUSED.values(), ids=REFUSED)
def test_a_specification_is_refused_at_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        TriggerSpec.model_validate(LEAST | change)

    assert [".".join(str(part) for part in error["loc"]) for error in refusal.value.errors()] == [field]


@pytest.mark.parametrize("end", ["2027-01-01T12:00:00Z", "2027-01-01T12:30:00+01:00"], ids=["equal", "before"])
def test_an_end_that_does_not_follow_the_start_is_refused(end: str) -> None:
    with pytest.raises(ValidationError, match="is not after start: give a later end, or none"):
        TriggerSpec.model_validate(LEAST | {"start": "2027-01-01T12:00:00Z", "end": end})


def test_a_kept_trigger_survives_its_wire_form() -> None:
    claimed = [{"run": "run-1", "fire_time": NOON}]
    pause = {"reason": "disabled", "note": "holidays", "at": NOON, "by": "ada@example.com"}
    trigger = a_trigger(claimed=claimed, paused=pause, start=at("11:00"), end=at("13:00"), last_run="run-1")

    assert Trigger.model_validate_json(trigger.model_dump_json()) == trigger


def test_a_field_of_a_later_version_is_ignored_when_a_trigger_is_read() -> None:
    stored = a_trigger().model_dump() | {"invented_later": 1}

    assert Trigger.model_validate(stored) == a_trigger()


def test_a_trigger_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_trigger().__setattr__("enabled", False)
