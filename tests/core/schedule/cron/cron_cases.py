"""Draws cron expressions, time zones and instants, often near a clock change."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tock.core.schedule.clock_changes import clock_changes
from tock.core.schedule.cron.fields import cron_fields

WHOLE_HOUR_ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Sydney",
    "Asia/Kolkata",
)
# Changes by half an hour, a whole day, at midnight (whenever since 1970), or of a zone a quarter of an hour off.
ODD_ZONES = (
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "America/Boa_Vista",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Pacific/Chatham",
)
DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def terms(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    number = st.integers(low, high).map(str)
    single = number | st.sampled_from(names) if names else number
    # cronsim reads 5-5/10 as 5/10; a range of one value with a step is left out.
    spans = st.tuples(st.integers(low, high), st.integers(low, high)).filter(lambda pair: pair[0] != pair[1])
    ranges = spans.map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.tuples(ranges | number | st.just("*"), st.integers(1, high + 1)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    return single | ranges | steps


def field(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    term = terms(low, high, names)
    return st.just("*") | term | st.lists(term | st.just("*"), min_size=2, max_size=3).map(",".join)


MINUTES, HOURS, SECONDS = field(0, 59), field(0, 23) | st.integers(0, 4).map(str), field(0, 59)
DATES = st.tuples(
    field(1, 31) | st.sampled_from(("*", "1-31", "1/1")),
    field(1, 12, MONTH_NAMES) | st.just("*"),
    field(0, 7, DAY_NAMES) | st.sampled_from(("*", "0-6", "MON-7")),
).map(" ".join)
CRONS = st.tuples(MINUTES, HOURS, DATES).map(" ".join)


def _comes(cron: str) -> bool:
    try:
        cron_fields(cron)
    except ValueError as exc:
        return "never comes" not in str(exc)
    return True


#: Without those that are refused, because their date never comes, such as 30 February.
COMING_CRONS = CRONS.filter(_comes)
DAILY = st.tuples(MINUTES, HOURS, st.just("* * *")).map(" ".join)
DAILY_SECONDS = st.tuples(DAILY, SECONDS).map(" ".join)


@lru_cache
def changes_of(zone: str, *, after: datetime, until: datetime) -> list[datetime]:
    return [change.at for change in clock_changes(ZoneInfo(zone), after=after, until=until)]


@st.composite
def instants(draw: st.DrawFn, zone: str) -> datetime:
    """Draw an instant, often within a day of one at which the zone's clocks change."""
    start, end = datetime(1975, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    changes = changes_of(zone, after=start, until=end)
    if changes and draw(st.booleans()):
        shift = st.timedeltas(timedelta(hours=-26), timedelta(hours=26)) | st.just(timedelta())
        return draw(st.sampled_from(changes)) + draw(shift)
    return draw(st.datetimes(start.replace(tzinfo=None), end.replace(tzinfo=None), timezones=st.just(UTC)))


@st.composite
def cases(draw: st.DrawFn, crons: st.SearchStrategy[str], zones: tuple[str, ...]) -> tuple[str, str, datetime]:
    zone = draw(st.sampled_from(zones))
    return draw(crons), zone, draw(instants(zone))
