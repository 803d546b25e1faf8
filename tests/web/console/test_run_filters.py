"""The filters of the list of runs, and its pages, as its address names them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import QueryParams

from tock.core.run.order import RunOrder
from tock.core.run.status import RunSource, RunStatus
from tock.ports.store import RunFilter
from tock.web.console.pages.runs.filters import MOST_BACK, Place, RunFilters

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2027, 3, 28, 10, tzinfo=UTC)
LATER = datetime(2027, 3, 28, 11, tzinfo=UTC)


def of(query: str) -> RunFilters:
    return RunFilters.of(QueryParams(query), zone=BERLIN, now=NOW)


def test_an_address_without_filters_asks_for_all_runs() -> None:
    filters = of("agent=&status=&sort=")

    assert filters.query is not None
    assert filters.query.matching == RunFilter()
    assert (filters.address, filters.any) == ({}, False)


def test_every_filter_is_taken_from_the_address_and_put_back_into_it() -> None:
    times = "since=2027-03-28T03%3A30%3A00&until=2027-03-29T00%3A00%3A00"
    address = f"agent=digest&trigger=morning&source=retry&subject=minutes&{times}&sort=cost"

    filters = of(f"{address}&status=failed&status=missed")

    assert filters.query is not None
    assert filters.query.sort is RunOrder.COST
    assert filters.query.matching == RunFilter(
        statuses=frozenset({RunStatus.FAILED, RunStatus.MISSED}),
        agent="digest",
        trigger="morning",
        source=RunSource.RETRY,
        subject="minutes",
        since=datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
        until=datetime(2027, 3, 28, 22, tzinfo=UTC),
    )
    assert filters.address == dict(part.replace("%3A", ":").split("=") for part in address.split("&")) | {
        "status": ("failed", "missed")
    }


def test_a_time_with_an_offset_is_shown_in_the_readers_zone() -> None:
    assert of("since=2027-01-01T09:00:00Z").texts["since"] == "2027-01-01T10:00:00"


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        (
            "since=2027-03-28T02:30",
            {
                "since": "does not exist in Europe/Berlin: the clocks go forward from 02:00 to 03:00 on 2027-03-28; "
                "choose 03:00 or later, or a time before 02:00"
            },
        ),
        ("since=soon", {"since": "'soon' is not a time: write one such as '2027-01-01T09:00'"}),
        ("since=2027-01-02&until=2027-01-01", {"until": "is not after since: give a later time, or leave it out"}),
        (f"subject={'s' * 257}", {"subject": "must have at most 256 characters"}),
        ("within=2h", {"within": "takes 1h, today, 24h, 7d"}),
        ("agent=a%20b", {"agent": "takes 1 to 255 letters, digits, '.', '_' and '-'"}),
    ],
)
def test_a_filter_that_is_refused_is_told_by_its_field(query: str, problems: dict[str, str]) -> None:
    filters = of(query)

    assert (filters.query, filters.problems) == (None, problems)


@pytest.mark.parametrize(
    ("within", "since"),
    [
        ("1h", datetime(2027, 3, 28, 9, tzinfo=UTC)),
        # In Berlin, this day is an hour shorter.
        ("today", datetime(2027, 3, 27, 23, tzinfo=UTC)),
        ("24h", datetime(2027, 3, 27, 10, tzinfo=UTC)),
        ("7d", datetime(2027, 3, 21, 10, tzinfo=UTC)),
    ],
)
def test_a_stretch_up_to_now_keeps_the_other_filters_and_its_name_in_the_address(within: str, since: datetime) -> None:
    filters = of(f"agent=digest&within={within}")

    assert filters.query is not None
    assert filters.query.matching == RunFilter(agent="digest", since=since)
    assert filters.address == {"agent": "digest", "within": within}


def test_times_that_somebody_typed_come_before_a_stretch() -> None:
    filters = of("since=2027-01-01T00:00&within=1h")

    assert filters.query is not None
    assert filters.query.since == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert "within" not in filters.address


def test_pages_lead_on_and_back() -> None:
    first = Place.of(QueryParams(""), now=NOW)

    second = Place.of(QueryParams(_query(first.next("b", shown=50))), now=LATER)

    assert second == Place(before=("",), token="b", skipped=50, opened=NOW)
    assert (first.previous(size=50), first.is_first, second.is_first) == (None, True, False)
    assert second.previous(size=50) == {
        "before": (),
        "page_token": "",
        "skipped": "0",
        "opened": "2027-03-28T10:00:00Z",
    }


@pytest.mark.parametrize("opened", ["", "soon", "2027-03-28T10:00:00", "2300-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_a_page_whose_address_names_no_past_time_was_opened_now(opened: str) -> None:
    assert Place.of(QueryParams({"page_token": "b", "opened": opened}), now=NOW).opened == NOW


def test_the_first_page_is_opened_anew_whatever_its_address_says() -> None:
    assert Place.of(QueryParams({"opened": "2027-03-28T10:00:00Z"}), now=LATER).opened == LATER


def test_an_address_holds_so_many_pages_back_and_no_more() -> None:
    place = Place.of(QueryParams(""), now=NOW)
    for number in range(30):
        place = Place.of(QueryParams(_query(place.next(f"t{number}", shown=50))), now=LATER)

    assert place.skipped == 1_500
    assert place.before == tuple(f"t{number}" for number in range(29 - MOST_BACK, 29))


def _query(place: dict[str, str | tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(name, each) for name, value in place.items() for each in ([value] if isinstance(value, str) else value)]
