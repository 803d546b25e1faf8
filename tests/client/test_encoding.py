"""How Python values become requests, and what is said of those that cannot."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Any

import pytest

import tock
from tock import Client
from tock.client.encoding import encoded_body, encoded_query, seconds_of
from tock.core.policies import Overlap
from tock.core.schedule.schedule import CronSchedule
from tock.web.resources.runs.run_request import RunInput


class Word(str, Enum):  # noqa: UP042 - not every enumeration of texts is a StrEnum
    """A text of a closed set."""

    YES = "yes"


BERLIN = timezone(timedelta(hours=1))


def test_values_become_what_the_api_writes() -> None:
    body = {
        "timeout": timedelta(minutes=5),
        "start": datetime(2027, 1, 1, 9, tzinfo=BERLIN),
        "overlap": Overlap.QUEUE,
        "word": Word.YES,
        "schedule": CronSchedule(cron="0 9 * * *"),
        "input": RunInput(message=None, payload={"a": (1, 2.5, None, True)}),
    }

    assert json.loads(encoded_body(body)) == {
        "timeout": "PT5M",
        "start": "2027-01-01T08:00:00Z",
        "overlap": "queue",
        "word": "yes",
        "schedule": {"cron": "0 9 * * *"},
        "input": {"message": None, "payload": {"a": [1, 2.5, None, True]}},
    }


def test_query_parameters_are_texts_without_those_that_are_none() -> None:
    assert encoded_query(
        {
            "from": datetime(2027, 1, 1, tzinfo=UTC),
            "first": date(2027, 1, 31),
            "count": 3,
            "occurrences": False,
            "status": ["failed", Word.YES],
            "agent": None,
        }
    ) == {
        "from": "2027-01-01T00:00:00Z",
        "first": "2027-01-31",
        "count": "3",
        "occurrences": "false",
        "status": ["failed", "yes"],
    }


def _deep() -> Any:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "field", "remedy"),
    [
        ({"payload": {"x": [1, float("nan")]}}, "payload.x[1]", "takes a finite number"),
        ({"payload": {"x": {1, 2}}}, "payload.x", "a set is not JSON"),
        ({"payload": {1: 2}}, "payload", "the key 1 is no text"),
        ({"start": datetime(2027, 1, 1)}, "start", "the time has no offset"),  # noqa: DTZ001 - the mistake
        ({"timeout": timedelta(-1)}, "timeout", "takes zero or more seconds"),
        ({"name": "caf\udce9"}, "name", "half of a surrogate pair"),
        (float("inf"), "body", "takes a finite number"),
        (_deep(), "body", "is nested too deeply"),
    ],
    ids=["nan", "set", "key", "no offset", "negative", "surrogate", "body", "deep"],
)
def test_what_is_no_json_is_named_with_its_place(value: Any, field: str, remedy: str) -> None:
    with pytest.raises(tock.InvalidArgument) as raised:
        encoded_body(value)

    assert raised.value.field == field
    assert remedy in str(raised.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.agents.get("a/b"),
        lambda client: client.agents.get(".."),
        lambda client: client.agents.get(""),
        lambda client: client.triggers.delete("t?force=1"),
        lambda client: client.runs.get("r:cancel"),
        lambda client: client.projects.get("a b"),
        lambda client: client.agents.run("a", idempotency_key="a b"),
        lambda client: client.agents.run("a", idempotency_key=""),
        lambda client: client.agents.delete("a", if_match="a b"),
        lambda client: client.functions.trigger("https://u:p@function.example", agent="a"),
    ],
)
def test_what_a_request_cannot_carry_is_refused_before_it_is_sent(call: Callable[[Client], Any]) -> None:
    with (
        Client("http://127.0.0.1:9", project="p", retries=0) as client,
        pytest.raises((tock.InvalidArgument, tock.NotConfigured)),
    ):
        call(client)


def test_lengths_of_time_are_seconds_or_timedeltas() -> None:
    assert [seconds_of(each, field="timeout") for each in (0, 1.5, timedelta(minutes=1))] == [0, 1.5, 60]
    for wrong in (-1, float("nan"), timedelta(-1)):
        with pytest.raises(tock.InvalidArgument, match="timeout: takes zero or more seconds"):
            seconds_of(wrong, field="timeout")
