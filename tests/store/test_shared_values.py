"""Values that many documents have in common are read once, and what is wrong with one is said of every document."""

from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore_v1 import types

from ports.documents import a_run, a_trigger
from tock.core.policies import CatchUp, Retry
from tock.core.schedule.schedule import CronSchedule
from tock.core.trigger.trigger import Input, Trigger
from tock.store.documents.codec import RUN, TRIGGER, DocumentCodec, UnparsableError
from tock.store.documents.paths import path_of
from tock.store.documents.values import write_fields

SCHEDULE = CronSchedule(cron="0 9 * * 1-5", time_zone="Europe/Berlin")
POLICIES = {"retry": Retry(max_retries=7), "catch_up": CatchUp(window=timedelta(minutes=7))}


def test_equal_schedules_and_policies_of_triggers_are_one_value() -> None:
    one, other = (_read(TRIGGER, a_trigger(name, schedule=SCHEDULE, **POLICIES)) for name in ("one", "other"))

    assert (one.schedule, one.retry, one.catch_up) == (SCHEDULE, *POLICIES.values())
    assert (one.schedule is other.schedule, one.retry is other.retry, one.catch_up is other.catch_up) == (True,) * 3


def test_equal_policies_of_runs_are_one_value() -> None:
    one, other = (_read(RUN, a_run(name, **POLICIES)) for name in ("one", "other"))

    assert (one.retry, one.catch_up) == tuple(POLICIES.values())
    assert (one.retry is other.retry, one.catch_up is other.catch_up) == (True, True)


def test_payloads_are_never_shared() -> None:
    one, other = (_read(TRIGGER, a_trigger(name, input=Input(payload={"a": [1]}))) for name in ("one", "other"))

    one.input.payload["a"].append(2)

    assert other.input.payload == {"a": [1]}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"schedule": {"cron": "0 25 * * *", "time_zone": "UTC"}}, "schedule.cron.cron: "),
        ({"schedule": {"cron": "0 9 * * *", "time_zone": "Mars/Base"}}, "schedule.cron.time_zone: "),
        ({"schedule": "daily"}, "schedule: a schedule has exactly one of"),
        ({"retry": {"max_retries": 99}}, "retry.max_retries: "),
        ({"retry": None}, "retry: "),
        ({"catch_up": {"window": "soon"}}, "catch_up.window: "),
        ({"retry": {"delay": 7}, "catch_up": {"window": 7}, "overlap": "never"}, "catch_up.window: "),
    ],
)
def test_what_is_wrong_with_a_shared_value_is_named_in_every_document(fields: dict[str, Any], problem: str) -> None:
    for name in ("one", "other"):
        trigger = a_trigger(name)
        assert _read(TRIGGER, trigger) == trigger

        with pytest.raises(UnparsableError) as refused:
            _read(TRIGGER, trigger, **fields)

        assert problem in str(refused.value)
        assert all(f"{field}" in str(refused.value) for field in fields)


def test_a_payload_that_was_measured_when_it_was_written_is_not_measured_again() -> None:
    payload = {"text": "x" * 70_000}
    trigger = a_trigger().model_copy(update={"input": Input.model_construct(payload=payload)})

    read = _read(TRIGGER, trigger)

    assert read.input.payload == payload
    with pytest.raises(ValueError, match="at most 65536 are accepted"):
        Trigger.model_validate(read.model_dump())


def _read(codec: DocumentCodec[Any], document: Any, **overwritten: Any) -> Any:
    message = types.Document.pb()()
    write_fields(message.fields, codec.stored(document))
    for name in overwritten:
        message.fields.pop(name, None)
    write_fields(message.fields, overwritten)
    return codec.parsed(path_of(document), message.fields)
