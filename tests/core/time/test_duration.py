"""Durations as text, parsed and printed."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tock.core.policies import RetryDelay
from tock.core.time.duration import Duration, duration_from_text, duration_text

DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)

DURATIONS = {
    "90s": "PT1M30S",
    "15m": "PT15M",
    "2h": "PT2H",
    "1d": "P1D",
    "1h30m": "PT1H30M",
    "1d2h3m4s": "P1DT2H3M4S",
    "PT900S": "PT15M",
    "P1W": "P7D",
    "P1DT1S": "P1DT1S",
    "PT0.25S": "PT0.25S",
    "PT0S": "PT0S",
}


@pytest.mark.parametrize(("text", "iso"), DURATIONS.items())
def test_duration_is_read_in_either_form_and_sent_in_one(text: str, iso: str) -> None:
    value = DURATION.validate_python(text)

    assert DURATION.dump_python(value, mode="json") == iso
    assert DURATION.dump_python(value) == value


@given(st.timedeltas(min_value=timedelta()))
def test_duration_survives_its_text(value: timedelta) -> None:
    assert duration_from_text(duration_text(value)) == value


@pytest.mark.parametrize(
    "given",
    ["", "P", "PT", "P1DT", "30m1h", "15 m", "PT1S ", "\u0663s", "9" * 99 + "s"],
)
def test_refused_duration_says_what_to_write(given: str) -> None:
    with pytest.raises(ValidationError, match="is not a duration: write 'PT15M', or '15m', '90s', '1h30m'"):
        DURATION.validate_python(given)


@pytest.mark.parametrize("given", [90, 1.5, True, None])
def test_bare_number_is_no_duration(given: object) -> None:
    with pytest.raises(ValidationError, match=f"{given!r} has no unit: write a duration as text, such as '90s'"):
        DURATION.validate_python(given)


def test_negative_or_endless_duration_is_refused() -> None:
    with pytest.raises(ValidationError, match="a duration cannot be negative"):
        DURATION.validate_python(timedelta(seconds=-1))
    with pytest.raises(ValidationError, match="is longer than any duration can be"):
        DURATION.validate_python("99999999999d")


PARTS = st.lists(st.sampled_from([*"PpTtWwDdHhMmSs.0", "7", "12", "\n", "\u0663"]), max_size=9).map("".join)


@given(PARTS | st.sampled_from([*DURATIONS, *map(str.lower, DURATIONS)]))
def test_pattern_of_a_duration_accepts_what_is_read(text: str) -> None:
    # A `$` of Python, other than that of JSON Schema, also matches before a line break at the end.
    pattern = DURATION.json_schema()["pattern"].removesuffix("$") + r"\Z"
    try:
        duration_from_text(text)
        is_read = True
    except ValueError:
        is_read = False

    assert (re.search(pattern, text) is not None) == is_read


def test_schema_of_a_duration_names_its_bounds_and_examples_within_them() -> None:
    schema = TypeAdapter(RetryDelay).json_schema()

    assert (schema["x-minimum"], schema["x-maximum"], schema["examples"]) == ("PT1S", "PT1H", ["PT15M", "90s"])
