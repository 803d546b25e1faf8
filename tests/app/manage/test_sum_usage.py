"""The sums of what a project's runs consumed: which days they cover, and how much one request reads."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from app.rig import Rig
from ports.documents import a_usage
from tock.app.manage.overview import sum_usage as module
from tock.app.manage.overview.sum_usage import sum_usage
from tock.core.errors import InvalidArgument
from tock.core.usage.day import UsageDay
from tock.core.usage.sums import Grouping, UsageSums
from tock.ports.store import Add

pytestmark = pytest.mark.anyio


def on(day: date, identifier: str, **fields: object) -> UsageDay:
    return a_usage(identifier, project="p", day=datetime.combine(day, time(), tzinfo=UTC), **fields)


async def summed(rig: Rig, first: date | None = None, last: date | None = None) -> tuple[date, date, UsageSums]:
    return await sum_usage(rig.services(), project="p", first=first, last=last, grouping=Grouping.DAY)


async def test_without_an_interval_the_last_thirty_days_count(rig: Rig) -> None:
    today = rig.clock.present.date()
    ages = (0, 29, 30, -1)
    await rig.store.commit([Add(on(today - timedelta(days=age), f"u{age}")) for age in ages])

    first, last, sums = await summed(rig)

    assert (first, last) == (today - timedelta(days=29), today)
    assert [name for name, _ in sums.groups] == [first.isoformat(), last.isoformat()]
    assert sums.total.attempts == 2


async def test_both_ends_of_the_interval_are_included(rig: Rig) -> None:
    days = [date(2027, 3, day) for day in range(1, 6)]
    await rig.store.commit([Add(on(day, f"u{day.day}")) for day in days])

    _, _, sums = await summed(rig, days[1], days[3])
    _, _, one = await summed(rig, days[4], days[4])
    _, _, last = await summed(rig, date(9999, 12, 31), date(9999, 12, 31))

    assert [name for name, _ in sums.groups] == ["2027-03-02", "2027-03-03", "2027-03-04"]
    assert (one.total.attempts, last.total.attempts) == (1, 0)


WRONG = {
    "the wrong way round": (date(2027, 3, 2), date(2027, 3, 1), "2027-03-02", "is after `to`, 2027-03-01: swap them"),
    "too long": (date(2026, 1, 1), date(2027, 3, 1), "2026-01-01", "is more than 400 days before `to`, 2027-03-01"),
    "from the beginning of time": (date.min, date(2027, 3, 1), "0001-01-01", "is more than 400 days before"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_an_interval_that_cannot_be_is_refused_with_its_value_and_a_remedy(rig: Rig, case: str) -> None:
    first, last, value, remedy = WRONG[case]

    with pytest.raises(InvalidArgument) as refused:
        await summed(rig, first, last)

    assert (refused.value.field, refused.value.value) == ("from", value)
    assert refused.value.remedy.startswith(remedy)


async def test_the_last_day_alone_may_be_the_first_of_all(rig: Rig) -> None:
    first, last, _ = await summed(rig, None, date.min)

    assert (first, last) == (date.min, date.min)


async def test_all_pages_count_and_more_documents_than_allowed_are_refused(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    monkeypatch.setattr(module, "MAX_DOCUMENTS", 6)
    today = rig.clock.present.date()
    await rig.store.commit([Add(on(today, f"u{number}", shard=number % 8)) for number in range(5)])

    _, _, sums = await summed(rig)
    await rig.store.commit([Add(on(today, f"v{number}")) for number in range(2)])
    with pytest.raises(InvalidArgument) as refused:
        await summed(rig)

    assert sums.total.attempts == 5
    assert (refused.value.field, "in more than 6 documents: ask for fewer days" in refused.value.remedy) == (
        "from",
        True,
    )
