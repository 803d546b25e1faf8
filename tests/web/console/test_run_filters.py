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


def of(query: str) -> RunFilters:
    return RunFilters.of(QueryParams(query), zone=BERLIN)


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
        ("agent=a%20b", {"agent": "takes 1 to 255 letters, digits, '.', '_' and '-'"}),
    ],
)
def test_a_filter_that_is_refused_is_told_by_its_field(query: str, problems: dict[str, str]) -> None:
    filters = of(query)

    assert (filters.query, filters.problems) == (None, problems)


def test_pages_lead_on_and_back() -> None:
    first = Place.of(QueryParams(""))

    second = Place.of(QueryParams(_query(first.next("b", shown=50))))

    assert second == Place(before=("",), token="b", skipped=50)
    assert (first.previous(size=50), first.is_first, second.is_first) == (None, True, False)
    assert second.previous(size=50) == {"before": (), "page_token": "", "skipped": "0"}


def test_an_address_holds_so_many_pages_back_and_no_more() -> None:
    place = Place.of(QueryParams(""))
    for number in range(30):
        place = Place.of(QueryParams(_query(place.next(f"t{number}", shown=50))))

    assert place.skipped == 1_500
    assert place.before == tuple(f"t{number}" for number in range(29 - MOST_BACK, 29))


def _query(place: dict[str, str | tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(name, each) for name, value in place.items() for each in ([value] if isinstance(value, str) else value)]
