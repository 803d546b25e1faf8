"""A text that is no duration or no time is refused with a sentence that fits; what it says can be written."""

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tock.core.time.duration import Duration
from tock.core.time.instant import Instant

DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)
INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)

DURATIONS = {
    "1w": "the short form has no weeks; write '7d' or 'P1W'",
    "2 weeks": "the short form has no weeks; write '14d' or 'P2W'",
    "P1M": "months and years have no fixed length; write days, such as 'P30D'",
    "P1Y2M3D": "months and years have no fixed length",
    "P1MT1H": "months and years have no fixed length",
    "1mo": "is a cron expression, such as '0 0 1 * *'",
    "1y": "months and years have no fixed length",
    "1.5h": "only seconds such as 'PT1.5S' have a fraction; write '1h30m'",
    "PT1,5H": "only seconds such as 'PT1.5S' have a fraction; write '1h30m'",
    "-5m": "it cannot be negative",
    "-PT1S": "it cannot be negative",
    "900": "'900' has no unit: write '900s' for seconds, or '900m' for minutes",
    "soon": "write 'PT15M', or '15m', '90s', '1h30m'",
    "5 minutes": "write 'PT15M', or '15m', '90s', '1h30m'",
}


@pytest.mark.parametrize(("text", "sentence"), DURATIONS.items())
def test_each_text_that_is_no_duration_gets_a_sentence_that_fits(text: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DURATION.validate_python(text)

    said = caught.value.errors()[0]["msg"]
    assert sentence in said
    for written in re.findall(r"(?:write|or|as) (?:days, such as )?'([^' ]*)'", said):
        assert DURATION.validate_python(written)


TIMES = {
    "2027-01-01T24:00:00Z": "the hour 24 does not exist; write '2027-01-02T00:00:00Z'",
    "2027-12-31T24:00+01:00": "the hour 24 does not exist; write '2028-01-01T00:00:00+01:00'",
    "9999-12-31T24:00:00Z": "the hour 24 does not exist",
    "2027-01-01T24:00:01Z": "hour must be in 0..23",
    "2027-01-01T25:00:00Z": "hour must be in 0..23",
    "2027-01-01T23:59:60Z": "Tock has no leap seconds; write the second 59, or the next minute",
    "2027-01-01T09:60:00Z": "minute must be in 0..59",
    "2027-02-29T09:00:00Z": "day is out of range for month",
    "2027-13-01T09:00:00Z": "month must be in 1..12",
    "0000-01-01T09:00:00Z": "year 0 is out of range",
    "2027-01-01T09:00:00+25:00": "an offset lies between -23:59 and +23:59; write one such as '+01:00'",
    "2027-01-01T09:00:00+01:60": "an offset lies between -23:59 and +23:59",
    "2027-01-01": "it has no time of day; write RFC 3339 text, such as '2027-01-01T09:00:00+01:00'",
    "2027-01-01T09:00:00 Europe/Berlin": "it ends with a time zone; write the offset instead, such as 'Z' or '+01:00'",
    "2027-01-01T09:00:00+01:00[Europe/Berlin]": "ends with a time zone",
    "2027-01-01T09:00:00 UTC": "ends with a time zone",
    "2027-01-01T09:00:00+0130": "write its offset with a colon: '2027-01-01T09:00:00+01:30'",
    "2027-01-01T09:00:00+01": "write its offset with a colon: '2027-01-01T09:00:00+01:00'",
    "0001-01-01T00:00:00+01:00": "the time is outside the years 1 to 9999 in UTC",
    "tomorrow": "write RFC 3339 text, such as '2027-01-01T09:00:00+01:00'",
}


@pytest.mark.parametrize(("text", "sentence"), TIMES.items())
def test_each_text_that_is_no_time_gets_a_sentence_that_fits(text: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        INSTANT.validate_python(text)

    said = caught.value.errors()[0]["msg"]
    assert sentence in said
    for written in re.findall(r"(?:write|as|colon:) '([0-9][^']*)'", said):
        assert INSTANT.validate_python(written)


@given(
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})", fullmatch=True)
)
def test_what_has_the_form_of_a_time_is_one_or_is_refused_in_words_of_ours(text: str) -> None:
    kinds = []
    try:
        INSTANT.validate_python(text)
    except ValidationError as exc:
        kinds = [error["type"] for error in exc.errors()]

    assert set(kinds) <= {"value_error"}
