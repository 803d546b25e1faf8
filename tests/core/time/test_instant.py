"""Points in time as text, parsed and printed."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from tock.core.time.instant import Instant, instant_text

INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)

INSTANTS = {
    "2027-01-01T09:00:00+01:00": "2027-01-01T08:00:00Z",
    "2027-01-01T09:00:00Z": "2027-01-01T09:00:00Z",
    "2027-01-01t09:00:00z": "2027-01-01T09:00:00Z",
    "2027-01-01T09:00-03:30": "2027-01-01T12:30:00Z",
    "2027-01-01T09:00:00.120Z": "2027-01-01T09:00:00.120000Z",
}


@pytest.mark.parametrize(("text", "sent"), INSTANTS.items())
def test_instant_is_kept_and_sent_in_utc(text: str, sent: str) -> None:
    value = INSTANT.validate_python(text)

    assert value.tzinfo is UTC
    assert INSTANT.dump_python(value, mode="json") == sent == instant_text(value)
    assert INSTANT.validate_python(sent) == value


@pytest.mark.parametrize("given", ["2027-01-01T09:00:00", datetime.fromisoformat("2027-01-01T09:00:00")])
def test_instant_without_an_offset_is_refused(given: object) -> None:
    with pytest.raises(ValidationError, match="'2027-01-01T09:00:00' needs an offset: write '2027-01-01T09:00:00Z'"):
        INSTANT.validate_python(given)


@pytest.mark.parametrize("given", ["", "1700000000", 1700000000, None, "tomorrow"])
def test_what_is_no_time_is_refused(given: object) -> None:
    with pytest.raises(ValidationError, match="is not a time: write RFC 3339 text, such as"):
        INSTANT.validate_python(given)


@pytest.mark.parametrize("given", ["2027-13-01T00:00:00Z", "2027-01-01T25:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_time_that_no_calendar_has_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(given)
