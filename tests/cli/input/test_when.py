"""Times as people type them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import typer

from tock.cli.errors import UsageError
from tock.cli.input.when import Bare, Here, instant, length, length_option, zone_of

#: 11:30 in Berlin, the day before its clocks go forward.
NOW = datetime(2027, 3, 27, 10, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", NOW),
        ("2h ago", NOW - timedelta(hours=2)),
        ("90m ago", NOW - timedelta(minutes=90)),
        ("1d2h ago", NOW - timedelta(hours=26)),
        ("2 hours ago", NOW - timedelta(hours=2)),
        ("1 week ago", NOW - timedelta(days=7)),
        ("in 5m", NOW + timedelta(minutes=5)),
        ("in 5 minutes", NOW + timedelta(minutes=5)),
        ("In PT15M", NOW + timedelta(minutes=15)),
        ("today", datetime(2027, 3, 26, 23, tzinfo=UTC)),
        ("Yesterday", datetime(2027, 3, 25, 23, tzinfo=UTC)),
        ("tomorrow 9:00", datetime(2027, 3, 28, 7, tzinfo=UTC)),
        ("tomorrow at 01:59:30", datetime(2027, 3, 28, 0, 59, 30, tzinfo=UTC)),
        ("9:15", datetime(2027, 3, 27, 8, 15, tzinfo=UTC)),
        ("2027-01-31", datetime(2027, 1, 30, 23, tzinfo=UTC)),
        ("2027-07-31 9:00", datetime(2027, 7, 31, 7, tzinfo=UTC)),
        ("2027-07-31T09:00", datetime(2027, 7, 31, 7, tzinfo=UTC)),
        ("2027-07-31T09:00:00Z", datetime(2027, 7, 31, 9, tzinfo=UTC)),
        ("2027-10-31T02:30:00+01:00", datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_the_zone(text: str, at: datetime) -> None:
    assert instant(text, option="--since", now=NOW, zone=BERLIN) == at


def test_without_a_zone_it_is_the_machine_s() -> None:
    local = NOW.astimezone().replace(tzinfo=None)

    assert instant(f"{local:%Y-%m-%d %H:%M}", option="--since", now=NOW, zone=None) == NOW


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("soon", "'soon' is no time."),
        ("", "'' is no time."),
        ("2h", "'2h' is a length of time: write '2h ago' or 'in 2h'."),
        ("a while ago", "has no length of time that is known: 'a while'"),
        ("tomorrow 25:00", "has no time of day: hour must be in 0..23"),
        ("2027-02-30", "is no date: day is out of range for month"),
        ("tomorrow 2:30", "does not exist in Europe/Berlin, whose clocks skip it: choose another time"),
        ("2027-10-31 2:30", "write '2027-10-31T02:30:00+02:00' or '2027-10-31T02:30:00+01:00'"),
        ("99999999 weeks ago", "'99999999 weeks ago'"),
    ],
)
def test_what_is_no_time_is_refused_with_the_option_and_what_to_write(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        instant(text, option="--since", now=NOW, zone=BERLIN)

    assert str(refused.value).startswith("--since: ")
    assert says in str(refused.value)
    assert "2h ago" in refused.value.details[0]


def test_what_a_length_without_a_word_means_is_for_the_option_to_say() -> None:
    here = Here(now=NOW, zone=BERLIN)

    assert instant("7d", option="--since", now=NOW, zone=BERLIN, bare=Bare.PAST) == NOW - timedelta(days=7)
    assert here.past("7d", option="--since") == NOW - timedelta(days=7)
    assert instant("7 days", option="--until", now=NOW, zone=BERLIN, bare=Bare.AHEAD) == NOW + timedelta(days=7)
    with pytest.raises(UsageError, match="'7d' is a length of time"):
        here.instant("7d", option="--at")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("PT0.1S", timedelta(milliseconds=100)),
        ("2 hours", timedelta(hours=2)),
        ("1 Week", timedelta(weeks=1)),
        ("1h 30m", timedelta(minutes=90)),
    ],
)
def test_a_length_is_read_as_people_write_it(text: str, found: timedelta) -> None:
    assert length(text) == length_option(text) == length_option(found) == found


@pytest.mark.parametrize("text", ["soon", "", "5", "-1h", "99999999999 weeks"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        length_option(text)


def test_a_zone_has_an_iana_name() -> None:
    assert (zone_of(None, option="--zone"), zone_of("Europe/Berlin", option="--zone")) == (None, BERLIN)

    with pytest.raises(UsageError) as refused:
        zone_of("Berlin", option="--zone")

    assert str(refused.value) == "--zone: 'Berlin' is not known: did you mean 'Europe/Berlin'?"
