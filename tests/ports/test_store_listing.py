"""What every store guarantees for listings."""

import base64
import itertools
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from ports.conftest import Overwrite
from ports.documents import MINUTE, NOW, a_chunk, a_project, a_run, a_trigger, an_agent, an_api_key
from tock.core.errors import InvalidArgument
from tock.core.run.order import RunOrder
from tock.core.run.run import RunUsage
from tock.core.run.status import RunSource, RunStatus
from tock.core.time.stamp import Stamp
from tock.ports.store import Create, Document, EventPage, Page, RunFilter, Store

pytestmark = pytest.mark.anyio

ALL = RunFilter()


async def test_projects_and_api_keys_come_by_id(store: Store) -> None:
    projects = [a_project(name) for name in ("b", "B", "a.1", "a", "10", "9", "_x")]
    keys = [an_api_key(name) for name in ("z", "a", "m")]
    documents: list[Document] = [*projects, *keys, an_api_key("theirs", project="beta")]
    await store.commit([Create(document) for document in documents])

    listed = await store.projects(limit=100, token=None)
    listed_keys = await store.api_keys("acme", limit=100, token=None)

    assert listed == Page(items=tuple(sorted(projects, key=lambda project: project.id)), next_token=None)
    assert listed_keys == Page(items=tuple(sorted(keys, key=lambda key: key.id)), next_token=None)


async def test_agents_and_triggers_come_newest_first(store: Store) -> None:
    stamps = [Stamp(at=NOW + n * MINUTE, by="ada") for n in range(3)]
    agents = [an_agent(f"a{2 - n}", created=stamp) for n, stamp in enumerate(stamps)]
    triggers = [a_trigger(f"t{2 - n}", created=stamp) for n, stamp in enumerate(stamps)]
    documents: list[Document] = [*agents, *triggers, an_agent("theirs", project="beta")]
    await store.commit([Create(document) for document in documents])

    assert (await store.agents("acme", limit=10, token=None)).items == tuple(reversed(agents))
    assert (await store.triggers("acme", limit=10, token=None)).items == tuple(reversed(triggers))


async def test_the_triggers_of_an_agent(store: Store) -> None:
    mine = [a_trigger(f"t{n}", agent="mine", created=Stamp(at=NOW + n * MINUTE, by="ada")) for n in range(3)]
    await store.commit([Create(trigger) for trigger in (*mine, a_trigger("other", agent="other"))])

    first = await store.triggers("acme", limit=2, token=None, agent="mine")
    rest = await store.triggers("acme", limit=2, token=first.next_token, agent="mine")

    assert (*first.items, *rest.items) == tuple(reversed(mine))
    assert (await store.triggers("acme", limit=2, token=None, agent="nobody")).items == ()


@pytest.mark.parametrize("limit", [1, 3, 4, 12, 13])
async def test_pages_of_ties_give_each_document_once(store: Store, limit: int) -> None:
    runs = [a_run(f"r{n:02d}", scheduled_for=NOW + (n // 5) * MINUTE) for n in range(12)]
    await store.commit([Create(run) for run in runs])

    pages = await _all(lambda token: store.runs("acme", matching=ALL, limit=limit, token=token))

    found = [run for page in pages for run in page]
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert 0 < len(pages[-1]) <= limit
    assert [run.scheduled_for for run in found] == sorted((run.scheduled_for for run in runs), reverse=True)
    assert sorted(run.id for run in found) == [run.id for run in runs]


@pytest.mark.parametrize("kind", ["projects", "agents", "triggers", "api_keys"])
async def test_every_listing_goes_on_where_it_stopped(store: Store, kind: str) -> None:
    make: dict[str, Callable[[str], Any]] = {
        "projects": a_project,
        "agents": an_agent,
        "triggers": a_trigger,
        "api_keys": an_api_key,
    }
    names = {f"n{number}" for number in range(7)}
    await store.commit([Create(make[kind](name)) for name in sorted(names)])

    pages = await _all(lambda token: _listed(store, kind, token))

    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert {document.id for page in pages for document in page} == names


async def test_a_listing_goes_on_although_documents_came_and_went(store: Store) -> None:
    runs = [a_run(f"r{n}", scheduled_for=NOW + n * MINUTE) for n in range(4)]
    await store.commit([Create(run) for run in runs])
    first = await store.runs("acme", matching=ALL, limit=2, token=None)
    await store.commit([Create(a_run("newer", scheduled_for=NOW + 9 * MINUTE))])

    second = await store.runs("acme", matching=ALL, limit=2, token=first.next_token)

    assert [run.id for run in (*first.items, *second.items)] == ["r3", "r2", "r1", "r0"]
    assert second.next_token is None


async def test_runs_are_filtered_by_every_field_alone_and_together(store: Store) -> None:
    runs = [
        a_run("a", status=RunStatus.FAILED, agent="x", trigger="t", source=RunSource.SCHEDULE, subject=None),
        a_run("b", status=RunStatus.FAILED, agent="x", trigger=None, source=RunSource.MANUAL, subject="s"),
        a_run("c", status=RunStatus.SUCCEEDED, agent="x", trigger="t", source=RunSource.SCHEDULE, subject="S"),
        a_run("d", status=RunStatus.FAILED, agent="y", trigger="t", source=RunSource.RETRY, subject="s"),
    ]
    await store.commit([Create(run.model_copy(update={"scheduled_for": NOW})) for run in runs])

    async def ids(**fields: Any) -> str:
        page = await store.runs("acme", matching=RunFilter(**fields), limit=10, token=None)
        return "".join(sorted(run.id for run in page.items))

    assert await ids() == "abcd"
    assert await ids(statuses=frozenset({RunStatus.FAILED})) == "abd"
    assert await ids(statuses=frozenset({RunStatus.FAILED, RunStatus.SUCCEEDED})) == "abcd"
    assert await ids(statuses=frozenset({RunStatus.SUCCEEDED, RunStatus.HELD})) == "c"
    assert await ids(statuses=frozenset(RunStatus)) == "abcd"
    assert await ids(agent="x") == "abc"
    assert await ids(trigger="t") == "acd"
    assert await ids(source=RunSource.MANUAL) == "b"
    assert await ids(subject="s") == "bd"
    assert await ids(subject="s", trigger="t") == "d"
    assert await ids(subject="s", agent="x", statuses=frozenset({RunStatus.FAILED}), source=RunSource.MANUAL) == "b"
    assert await ids(subject="nothing") == ""
    assert await ids(statuses=frozenset({RunStatus.FAILED}), agent="x", trigger="t", source=RunSource.SCHEDULE) == "a"
    assert await ids(statuses=frozenset({RunStatus.HELD})) == ""


async def test_several_statuses_are_one_listing_in_pages(store: Store) -> None:
    statuses = [RunStatus.FAILED, RunStatus.SUCCEEDED, RunStatus.TIMED_OUT]
    await store.commit(
        [Create(a_run(f"r{n}", scheduled_for=NOW + n * MINUTE, status=statuses[n % 3])) for n in range(6)]
    )
    wanted = [RunStatus.TIMED_OUT, RunStatus.FAILED]

    first = await store.runs("acme", matching=RunFilter(statuses=frozenset(wanted)), limit=3, token=None)
    again = RunFilter(statuses=frozenset(reversed(wanted)))
    second = await store.runs("acme", matching=again, limit=3, token=first.next_token)

    assert [run.id for run in (*first.items, *second.items)] == ["r5", "r3", "r2", "r0"]
    assert second.next_token is None


async def test_since_is_included_and_until_is_not(store: Store) -> None:
    await store.commit([Create(a_run(f"r{n}", scheduled_for=NOW + n * MINUTE)) for n in range(5)])
    matching = RunFilter(since=NOW + MINUTE, until=NOW + 4 * MINUTE, statuses=frozenset({RunStatus.QUEUED}))

    first = await store.runs("acme", matching=matching, limit=2, token=None)
    second = await store.runs("acme", matching=matching, limit=2, token=first.next_token)

    assert [run.id for run in (*first.items, *second.items)] == ["r3", "r2", "r1"]


async def test_runs_come_by_start_duration_or_cost_and_without_it_not_at_all(store: Store) -> None:
    def ran(name: str, *, start: int, minutes: int | None, cost: float, **fields: Any) -> Any:
        started = NOW + start * MINUTE
        finished = None if minutes is None else started + minutes * MINUTE
        return a_run(name, started=started, finished=finished, usage=RunUsage(cost=cost), **fields)

    runs = [
        ran("a", start=3, minutes=1, cost=0.5, agent="x"),
        ran("b", start=1, minutes=9, cost=0.5),
        ran("c", start=2, minutes=None, cost=2.0, status=RunStatus.RUNNING),
        a_run("d"),
        ran("e", start=9, minutes=2, cost=0.25, scheduled_for=NOW + 9 * MINUTE, agent="x"),
    ]
    await store.commit([Create(run) for run in runs])

    async def ids(order: RunOrder, **fields: Any) -> str:
        pages = await _all(
            lambda token: store.runs("acme", matching=RunFilter(**fields), limit=2, token=token, order=order)
        )
        return " ".join("".join(run.id for run in page) for page in pages)

    assert await ids(RunOrder.STARTED) == "ea cb"
    assert await ids(RunOrder.DURATION) == "be a"
    assert await ids(RunOrder.COST) == "cb ae d"
    assert await ids(RunOrder.DURATION, agent="x") == "ea"
    assert await ids(RunOrder.COST, trigger="morning", until=NOW + MINUTE) == "cb ad"
    assert await ids(RunOrder.STARTED, statuses=frozenset({RunStatus.RUNNING, RunStatus.FAILED})) == "c"
    assert await ids(RunOrder.STARTED, since=NOW + MINUTE) == "e"


async def test_a_token_of_one_order_serves_no_other(store: Store) -> None:
    await store.commit([Create(a_run(f"r{n}", started=NOW, finished=NOW + n * MINUTE)) for n in range(3)])
    orders = [RunOrder.SCHEDULED_FOR, RunOrder.STARTED, RunOrder.DURATION, RunOrder.COST]
    tokens = [(await store.runs("acme", matching=ALL, limit=1, token=None, order=order)).next_token for order in orders]

    for order, token in itertools.product(orders, tokens):
        listed = store.runs("acme", matching=ALL, limit=1, token=token, order=order)
        if tokens[orders.index(order)] == token:
            assert [run.id for run in (await listed).items] == ["r1"]
        else:
            with pytest.raises(InvalidArgument):
                await listed


async def test_a_run_that_cannot_be_read_has_its_place_in_every_order(store: Store, overwrite: Overwrite) -> None:
    runs = [a_run(f"r{n}", started=NOW + n * MINUTE, finished=NOW + 2 * n * MINUTE) for n in range(3)]
    await store.commit([Create(run) for run in runs])
    await overwrite(runs[1], {"overlap": "sometimes"})
    await overwrite(runs[0], {"started": "at dawn", "usage": {"cost": float("nan")}})

    pages = [await store.runs("acme", matching=ALL, limit=9, token=None, order=order) for order in RunOrder]

    assert [[found.id for found in page.unreadable] for page in pages] == [["r1", "r0"], ["r1"], ["r1"], ["r1"]]


async def test_runs_are_found_by_the_beginning_of_their_id(store: Store) -> None:
    await store.commit([Create(a_run(name)) for name in ("0b1c", "0b1d", "0b1", "0b", "0c", "0B1e", "0b1-", "0b1z")])
    await store.commit([Create(a_run("0b1f", project="beta"))])

    async def ids(prefix: str) -> list[list[str]]:
        matching = RunFilter(id_prefix=prefix)
        pages = await _all(lambda token: store.runs("acme", matching=matching, limit=2, token=token))
        return [[run.id for run in page] for page in pages]

    assert await ids("0b1") == [["0b1", "0b1-"], ["0b1c", "0b1d"], ["0b1z"]]
    assert await ids("0b1c") == [["0b1c"]]
    assert await ids("1") == [[]]


async def test_a_project_shows_only_its_own(store: Store) -> None:
    await store.commit([Create(a_run(project="beta")), Create(a_trigger(project="beta"))])

    assert await store.runs("acme", matching=ALL, limit=10, token=None) == Page(items=(), next_token=None)
    assert await store.triggers("acme", limit=10, token=None) == Page(items=(), next_token=None)
    assert await store.agents("beta/triggers/morning", limit=10, token=None) == Page(items=(), next_token=None)


def _token(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "====",
        "ä",
        "null",
        "\ud800",
        "A" * 5000,
        _token(),
        _token("mark", 1, "r1"),
        _token("mark", 10**30, "a"),
    ],
)
async def test_what_is_no_token_is_refused(store: Store, token: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await store.runs("acme", matching=ALL, limit=10, token=token)

    assert refused.value.field == "page_token"


async def test_a_token_serves_only_the_listing_it_came_from(store: Store) -> None:
    documents: list[Document] = [*(a_run(f"r{n}") for n in range(3)), *(an_agent(f"a{n}") for n in range(3))]
    await store.commit([Create(document) for document in documents])
    runs_token = (await store.runs("acme", matching=ALL, limit=1, token=None)).next_token
    agents_token = (await store.agents("acme", limit=1, token=None)).next_token
    failed = RunFilter(statuses=frozenset({RunStatus.FAILED}))

    for listing in (
        store.runs("acme", matching=ALL, limit=1, token=agents_token),
        store.runs("beta", matching=ALL, limit=1, token=runs_token),
        store.runs("acme", matching=failed, limit=1, token=runs_token),
        store.agents("acme", limit=1, token=runs_token),
        store.triggers("acme", limit=1, token=agents_token),
        store.projects(limit=1, token=agents_token),
    ):
        with pytest.raises(InvalidArgument):
            await listing


async def test_a_document_that_cannot_be_read_is_listed_as_such_and_pages_go_on(
    store: Store, overwrite: Overwrite
) -> None:
    triggers = [a_trigger(f"t{n}", created=Stamp(at=NOW + n * MINUTE, by="ada")) for n in range(5)]
    await store.commit([Create(trigger) for trigger in triggers])
    await overwrite(triggers[3], {"overlap": "sometimes"})

    pages = await _all(lambda token: store.triggers("acme", limit=2, token=token))

    assert [[trigger.id for trigger in page] for page in pages] == [["t4"], ["t2", "t1"], ["t0"]]
    first = await store.triggers("acme", limit=2, token=None)
    assert [(found.kind, found.project, found.id) for found in first.unreadable] == [("trigger", "acme", "t3")]
    assert "overlap" in first.unreadable[0].problem


async def test_events_come_in_order_across_chunks(store: Store) -> None:
    first, second = a_chunk(1_000_000, 1_000_001, 1_000_002), a_chunk(1_000_003, 1_000_004)
    retried = a_chunk(2_000_000, 2_000_001)
    await store.commit([Create(chunk) for chunk in (retried, second, first, a_chunk(1, 2, run="run-2"))])
    everything = (*first.events, *second.events, *retried.events)

    async def read(since: int, limit: int = 100) -> tuple[Any, ...]:
        return (await store.events("acme", "run-1", since=since, limit=limit)).events

    assert await read(0) == everything
    assert await read(1_000_001) == everything[2:]
    assert await read(1_000_002, limit=3) == everything[3:6]
    assert await read(0, limit=1) == everything[:1]
    assert await read(2_000_001) == ()
    for run in ("run-3", "run-1/../run-1"):
        assert await store.events("acme", run, since=7, limit=10) == EventPage(events=(), unreadable=(), last_seq=7)


async def test_events_of_many_chunks_come_complete(store: Store) -> None:
    chunks = [a_chunk(number, number + 1) for number in range(1, 101, 2)]
    await store.commit([Create(chunk) for chunk in chunks])

    found = await store.events("acme", "run-1", since=3, limit=1000)

    assert [event.seq for event in found.events] == list(range(4, 101))
    assert (found.unreadable, found.last_seq) == ((), 100)


async def test_events_keep_what_they_carry(store: Store) -> None:
    data = {"text": "Grüße 🌍\u0000", "nested": [[1, [2.5, None]], {"__x__": True}], "deep": [[[[[[]]]]]]}
    chunk = a_chunk(1, 2)
    carrying = chunk.events[0].model_copy(update={"data": data, "truncated": True, "at": NOW + timedelta.resolution})
    chunk = chunk.model_copy(update={"events": (carrying, chunk.events[1])})

    await store.commit([Create(chunk)])

    assert (await store.events("acme", "run-1", since=0, limit=10)).events == chunk.events


async def _all(listed: Callable[[str | None], Awaitable[Page[Any]]]) -> list[tuple[Any, ...]]:
    page = await listed(None)
    pages = [page.items]
    while page.next_token is not None:
        page = await listed(page.next_token)
        pages.append(page.items)
    return pages


async def _listed(store: Store, kind: str, token: str | None) -> Page[Any]:
    match kind:
        case "projects":
            return await store.projects(limit=2, token=token)
        case "agents":
            return await store.agents("acme", limit=2, token=token)
        case "triggers":
            return await store.triggers("acme", limit=2, token=token)
        case _:
            return await store.api_keys("acme", limit=2, token=token)
