"""Schedules in words, with their time zone or anchor, and their fire times in local time."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from tock.core.schedule.schedule import Schedule
from tock.core.schedule.schedule_text import local_time_text, schedule_text

SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)
WORDS = [
    ({"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"}, "at 09:00 on Monday to Friday, Europe/Berlin time"),
    ({"cron": "*/5 * * * *"}, "every 5 minutes, UTC"),
    ({"every": "1d"}, "every day at 00:00:00 UTC"),
    (
        {"every": "P7D", "anchor": "2027-01-04T09:30:00+01:00"},
        "every 7 days at 08:30:00 UTC, counted from 2027-01-04T08:30:00Z",
    ),
    ({"every": "PT10S"}, "every 10 seconds"),
    ({"every": "90m"}, "every 1 hour 30 minutes"),
    ({"every": "36h"}, "every 1 day 12 hours"),
    ({"every": "1h"}, "every hour"),
    ({"at": "2027-01-01T09:00:00+01:00"}, "once, at 2027-01-01T08:00:00Z"),
]


@pytest.mark.parametrize(("schedule", "words"), WORDS)
def test_a_schedule_in_words(schedule: dict[str, str], words: str) -> None:
    assert schedule_text(SCHEDULE.validate_python(schedule)) == words


def test_a_local_time_has_its_offset() -> None:
    noon = datetime(2027, 7, 1, 12, tzinfo=UTC)

    assert local_time_text(noon, time_zone="Europe/Berlin") == "2027-07-01T14:00:00+02:00"
    assert local_time_text(noon, time_zone="UTC") == "2027-07-01T12:00:00+00:00"
