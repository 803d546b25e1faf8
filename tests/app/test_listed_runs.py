"""A page of runs with how many runs the whole list has."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from core.builders import NOON, a_run, at
from model.store import ModelStore
from tock.app.listed_runs import listed_runs
from tock.app.services import Services
from tock.bootstrap.system_clock import SystemClock, SystemRandomSource
from tock.core.run.order import RunOrder
from tock.core.run.run import Run
from tock.ports.store import Create, Page, RunFilter, Total
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio


@pytest.fixture
async def services() -> Services:
    """A store with four runs, two of which have started."""
    store = ModelStore(SystemClock().now)
    runs = [a_run(id=f"r{number}", scheduled_for=at(f"09:0{number}"), started=None) for number in range(4)]
    runs[:2] = [run.model_copy(update={"started": NOON}) for run in runs[:2]]
    await store.commit([Create(run) for run in runs])
    return Services(store=store, queue=None, clock=SystemClock(), random=SystemRandomSource())  # type: ignore[arg-type]


async def listed(services: Services, *, order: RunOrder = RunOrder.SCHEDULED_FOR, **asked: Any) -> Page[Run]:
    project = a_run().project
    return await listed_runs(
        services, project=project, matching=RunFilter(), limit=1, order=order, **{"token": None} | asked
    )


async def test_every_page_has_the_total_of_all(services: Services) -> None:
    first = await listed(services, with_total=True)
    second = await listed(services, with_total=True, token=first.next_token)

    assert [[run.id for run in page.items] for page in (first, second)] == [["r3"], ["r2"]]
    assert first.total == second.total == Total(4)


class CountedFirst(ModelStore):
    """A store whose page waits until somebody counts."""

    def __init__(self) -> None:
        super().__init__(SystemClock().now)
        self._counted = asyncio.Event()

    async def runs(self, *args: Any, **asked: Any) -> Page[Run]:
        await self._counted.wait()
        return await super().runs(*args, **asked)

    async def run_count(self, *args: Any, **asked: Any) -> int:
        self._counted.set()
        return await super().run_count(*args, **asked)


async def test_runs_are_counted_while_the_page_is_read(services: Services) -> None:
    async with asyncio.timeout(TIMEOUT):
        page = await listed(replace(services, store=CountedFirst()), with_total=True)

    assert page == Page(items=(), next_token=None, total=Total(0))


@pytest.mark.parametrize(("most", "total"), [(5, Total(4)), (4, Total(4)), (3, Total(3, exact=False))])
async def test_counting_ends_and_says_that_there_are_more(services: Services, most: int, total: Total) -> None:
    page = await listed(services, with_total=True, most=most)

    assert page.total == total


async def test_in_another_order_those_without_the_value_do_not_count(services: Services) -> None:
    page = await listed(services, with_total=True, order=RunOrder.STARTED)

    assert page.total == Total(2)


@pytest.mark.parametrize("order", [RunOrder.SCHEDULED_FOR, RunOrder.STARTED])
async def test_nobody_gets_a_total_who_did_not_ask(services: Services, order: RunOrder) -> None:
    page = await listed(services, with_total=False, order=order)

    assert page.total is None
