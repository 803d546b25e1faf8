"""The input of a run: the message filled, and warnings about what could not be filled."""

from datetime import UTC, datetime

import pytest

from tock.core.run.run import Snapshot
from tock.core.trigger.filled_input import FilledInput, filled_input, missing_placeholders
from tock.core.trigger.trigger import Input

NAMED = ", ".join(f"{{{{p{number}}}}}" for number in range(20))
MORNING = datetime(2027, 3, 28, 7, tzinfo=UTC)


def filled(given: Input, *, scheduled_for: datetime = MORNING, time_zone: str = "Europe/Berlin") -> FilledInput:
    return filled_input(given, scheduled_for=scheduled_for, time_zone=time_zone)


def test_the_message_is_filled_and_the_rest_kept() -> None:
    given = Input(message="{{payload.a}} and {{b}}", payload={"a": {"b": 1}, "b": "two"}, model="m", ref="r")

    assert filled(given, time_zone="Asia/Tokyo") == FilledInput(
        Snapshot(message='{"b": 1} and two', payload=given.payload, model="m", ref="r", time_zone="Asia/Tokyo"), ()
    )


def test_an_input_without_a_message_has_none() -> None:
    assert filled(Input(payload={"a": 1}), time_zone="UTC") == FilledInput(Snapshot(payload={"a": 1}), ())


@pytest.mark.parametrize(
    ("scheduled_for", "time_zone", "utc", "local"),
    [
        ("2027-03-28T07:00:00+00:00", "Europe/Berlin", "2027-03-28T07:00:00Z", "2027-03-28T09:00:00+02:00"),
        ("2027-03-28T00:59:59+00:00", "Europe/Berlin", "2027-03-28T00:59:59Z", "2027-03-28T01:59:59+01:00"),
        ("2027-10-31T00:30:00+00:00", "Europe/Berlin", "2027-10-31T00:30:00Z", "2027-10-31T02:30:00+02:00"),
        ("2027-10-31T01:30:00+00:00", "Europe/Berlin", "2027-10-31T01:30:00Z", "2027-10-31T02:30:00+01:00"),
        ("2026-12-31T20:00:00+00:00", "Asia/Kathmandu", "2026-12-31T20:00:00Z", "2027-01-01T01:45:00+05:45"),
        ("2027-01-01T12:00:00+00:00", "UTC", "2027-01-01T12:00:00Z", "2027-01-01T12:00:00+00:00"),
    ],
)
def test_the_message_may_name_the_fire_time_in_utc_and_locally(
    scheduled_for: str, time_zone: str, utc: str, local: str
) -> None:
    given = Input(message="{{scheduled_for}} {{scheduled_for_local}} {{time_zone}}")

    kept = filled(given, scheduled_for=datetime.fromisoformat(scheduled_for), time_zone=time_zone)

    assert kept.snapshot.message == f"{utc} {local} {time_zone}"
    assert kept.warnings == ()


@pytest.mark.parametrize(
    ("message", "warning"),
    [
        ("[{{shop}}]", "The payload has no value for {{shop}}: empty text took its place."),
        ("{{payload.shop}}", "The payload has no value for {{payload.shop}}: empty text took its place."),
        ("{{b.c}}{{a}}", "The payload has no value for {{b.c}}, {{a}}: empty text took their place."),
        (
            "".join(f"{{{{p{number}}}}}" for number in range(23)),
            f"The payload has no value for {NAMED} and 3 more: empty text took their place.",
        ),
    ],
    ids=range(4),
)
def test_what_the_payload_lacks_is_a_warning(message: str, warning: str) -> None:
    assert filled(Input(message=message, payload={"repo": "tock"})).warnings == (warning,)


def test_values_that_are_cut_are_a_warning() -> None:
    given = Input(message="{{text}}{{text}}", payload={"text": "x" * 60_000})

    assert filled(given).warnings == (
        "The values of the message's placeholders are longer than 100000 characters together: the rest was cut.",
    )


def test_the_placeholders_that_will_be_missing_are_known_before_a_run() -> None:
    given = Input(message="{{repo}} {{shop}} {{scheduled_for}} {{scheduled_for_local}}", payload={"repo": "tock"})

    assert missing_placeholders(given) == ("shop",)
    assert missing_placeholders(Input(payload={"repo": "tock"})) == ()
