"""The events of a run: those that its document tells and those that are stored, in one order."""

import pytest

from core.builders import NOON, TIMING, a_run
from model.store import ModelStore
from tock.app.run_events import run_events
from tock.app.services import Services
from tock.bootstrap.system_clock import SystemClock, SystemRandomSource
from tock.core.run import transition
from tock.core.run.events.event import MAX_SENT, SENT_FROM, Chunk, Event
from tock.core.run.messages.wait import Answer
from tock.core.run.outcome import Failed, Succeeded, WaitFor, Waiting
from tock.core.run.run import Run
from tock.ports.store import Create

pytestmark = pytest.mark.anyio
WHOLE = [1, 1_000_000, 1_000_001, 1_000_002, 1_499_998, 1_499_999, 2_000_000, 2_000_001, 2_499_998, 2_999_999]


@pytest.fixture
async def services() -> Services:
    """A store with two events of the first attempt, in two documents, and one of the second."""
    store = ModelStore(SystemClock().now)
    await store.commit([Create(a_chunk(number)) for number in (1_000_001, 1_000_002, 2_000_001)])
    return Services(store=store, queue=None, clock=SystemClock(), random=SystemRandomSource())  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
async def test_pages_of_any_size_show_every_event_once_in_order(services: Services, limit: int) -> None:
    shown, since = [], 0

    while True:
        page = await run_events(services, settled(), since=since, limit=limit)
        assert len(page.events) <= limit
        if not page.events:
            break
        shown += [event.seq for event in page.events]
        since = page.last_seq

    assert shown == WHOLE
    assert page.last_seq == since


async def test_events_of_an_attempt_that_the_run_does_not_know_wait_for_its_start(services: Services) -> None:
    """The run was read before its second attempt started, and its events after that."""
    before, after = retried(), settled()

    first = await run_events(services, before, since=0, limit=100)
    rest = await run_events(services, after, since=first.last_seq, limit=100)

    assert [event.seq for event in first.events] == WHOLE[:6]
    assert [event.seq for event in (*first.events, *rest.events)] == WHOLE


async def test_events_from_elsewhere_come_between_the_wait_and_its_answer(services: Services) -> None:
    waiting = transition.settle(started(a_run()), Waiting(WaitFor.CALLBACK), now=NOON, jitter=0, timing=TIMING)
    told = await run_events(services, waiting, since=0, limit=100)
    first = 1_000_000 + SENT_FROM

    await services.store.commit([Create(a_chunk(first)), Create(a_chunk(first + MAX_SENT - 1))])
    sent = await run_events(services, waiting, since=told.last_seq, limit=100)
    answered = transition.answer(waiting, Answer(by="ada", at=NOON), 1, now=NOON, timing=TIMING)
    rest = await run_events(services, answered, since=sent.last_seq, limit=100)

    assert told.events[-1].kind == "run.waiting"
    assert [event.seq for event in sent.events] == [first, first + MAX_SENT - 1]
    assert [event.kind for event in rest.events] == ["run.answered"]


def started(run: Run) -> Run:
    return transition.start(run, now=NOON, owner="runner", agent_revision=1, timing=TIMING)


def retried() -> Run:
    failed = Failed(type="broke", message="It broke.", retryable=True)
    return transition.settle(started(a_run()), failed, now=NOON, jitter=0, timing=TIMING)


def settled() -> Run:
    return transition.settle(started(retried()), Succeeded("done"), now=NOON, jitter=0, timing=TIMING)


def a_chunk(number: int) -> Chunk:
    event = Event(seq=number, at=NOON, attempt=number // 1_000_000, kind="progress")
    return Chunk(project="library", run="run-1", first_seq=number, last_seq=number, events=(event,), expire_at=NOON)
