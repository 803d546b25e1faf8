"""What the model queue does beyond the contract: deadlines, and faults of Cloud Tasks on request."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from model.queue import ModelQueue, Request
from tock.app.execution.execute import Delivery
from tock.local.cloud_tasks.retry_policy import RetryPolicy
from tock.ports.queue import Task, TickContinuation

pytestmark = pytest.mark.anyio

START = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Rig:
    """A queue, and the time, which a test sets."""

    def __init__(self) -> None:
        self.now = START
        self.queue = ModelQueue(lambda: self.now, retry=RetryPolicy(min_backoff=SECOND), remembered=HOUR)

    def due(self, *, after: timedelta = timedelta()) -> list[Request]:
        """What is due that long after the start."""
        self.now = START + after
        return self.queue.due(self.now)


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_a_task_is_due_once_at_its_time_with_what_names_its_attempt(rig: Rig) -> None:
    await rig.queue.enqueue([_task(due_at=START + SECOND)])

    assert rig.queue.next_due() == START + SECOND
    assert rig.due() == []
    (request,) = rig.due(after=SECOND)
    assert (request.body, request.tried) == (Delivery(project="acme", run="run-1", attempt=1, dispatch=1), 1)
    assert rig.due(after=SECOND) == []


async def test_requests_come_in_the_order_of_their_times(rig: Rig) -> None:
    for second in (3, 1, 2):
        await rig.queue.enqueue([_task(f"run-{second}", due_at=START + second * SECOND)])

    runs = [request.body.run for request in rig.due(after=9 * SECOND) if isinstance(request.body, Delivery)]
    assert runs == ["run-1", "run-2", "run-3"]


async def test_what_is_overdue_when_it_comes_is_due_then_and_overtakes_nobody(rig: Rig) -> None:
    await rig.queue.enqueue([_task("run-1")])
    await rig.queue.enqueue([_task("run-2", due_at=START - HOUR)])

    assert rig.queue.next_due() == START
    runs = [request.body.run for request in rig.due() if isinstance(request.body, Delivery)]
    assert runs == ["run-1", "run-2"]


async def test_what_is_refused_is_due_again_with_growing_pauses(rig: Rig) -> None:
    await rig.queue.enqueue([_task()])
    due = [START]

    for _ in range(4):
        (request,) = rig.due(after=due[-1] - START)
        rig.queue.answer(request, ok=False)
        due.append(rig.queue.next_due() or START)

    pauses = [later - earlier for earlier, later in pairwise(due)]
    assert pauses == [SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]


async def test_what_is_refused_too_often_is_given_up() -> None:
    queue = ModelQueue(lambda: START, retry=RetryPolicy(max_attempts=2, min_backoff=timedelta()))
    await queue.enqueue([_task()])

    for _ in range(2):
        (request,) = queue.due(START)
        queue.answer(request, ok=False)

    assert (queue.due(START), queue.next_due()) == ([], None)


async def test_what_is_not_answered_by_its_deadline_is_due_again_and_the_late_answer_is_not_heard(rig: Rig) -> None:
    await rig.queue.enqueue([_task(timeout=30 * SECOND)])
    (first,) = rig.due()
    assert first.deadline == START + 90 * SECOND

    assert rig.due(after=89 * SECOND) == []
    assert rig.due(after=90 * SECOND) == []
    (second,) = rig.due(after=91 * SECOND)
    rig.queue.answer(first, ok=True)
    rig.queue.answer(second, ok=False)

    assert (second.body, second.tried) == (first.body, 2)
    assert [request.tried for request in rig.due(after=93 * SECOND)] == [3]


async def test_the_next_thing_to_happen_may_be_a_deadline(rig: Rig) -> None:
    await rig.queue.enqueue([_task(timeout=30 * SECOND)])
    (request,) = rig.due()

    assert rig.queue.next_due() == request.deadline
    rig.queue.answer(request, ok=True)
    assert rig.queue.next_due() is None


async def test_a_name_is_taken_again_only_once_it_is_forgotten(rig: Rig) -> None:
    await rig.queue.enqueue([_task()])
    (request,) = rig.due()
    rig.queue.answer(request, ok=True)

    rig.now = START + HOUR - SECOND
    await rig.queue.enqueue([_task()])
    assert rig.due(after=HOUR - SECOND) == []
    rig.now = START + HOUR
    await rig.queue.enqueue([_task()])

    assert [again.name for again in rig.due(after=HOUR)] == [request.name]


async def test_a_name_is_taken_while_its_task_is_under_way_however_long(rig: Rig) -> None:
    await rig.queue.enqueue([_task(timeout=2 * HOUR)])
    rig.due()

    rig.now = START + timedelta(minutes=29)
    await rig.queue.enqueue([_task(timeout=2 * HOUR)])

    assert rig.due(after=timedelta(minutes=29)) == []


async def test_a_duplicate_is_one_more_request_and_its_answer_changes_nothing(rig: Rig) -> None:
    await rig.queue.enqueue([_task()])
    (request,) = rig.due()

    rig.queue.duplicate(request, at=START + SECOND)
    (extra,) = rig.due(after=SECOND)
    rig.queue.answer(extra, ok=True)
    rig.queue.answer(request, ok=False)

    assert (extra.body, extra.number == request.number) == (request.body, False)
    assert [again.tried for again in rig.due(after=2 * SECOND)] == [2]


async def test_a_task_that_is_postponed_is_due_then_and_only_then(rig: Rig) -> None:
    await rig.queue.enqueue([_task()])
    (name,) = rig.queue.waiting

    rig.queue.postpone(name, until=START + HOUR)

    assert (rig.due(after=HOUR - SECOND), rig.queue.next_due()) == ([], START + HOUR)
    assert [request.name for request in rig.due(after=HOUR)] == [name]
    with pytest.raises(LookupError):
        rig.queue.postpone(name, until=START + HOUR)


async def test_what_is_forgotten_never_comes_and_its_name_is_free(rig: Rig) -> None:
    await rig.queue.enqueue([_task("run-1")])
    (request,) = rig.due()
    await rig.queue.enqueue([_task("run-2")])
    rig.queue.duplicate(request, at=START)

    rig.queue.forget()
    rig.queue.answer(request, ok=False)

    assert (rig.due(after=24 * HOUR), rig.queue.next_due(), rig.queue.waiting) == ([], None, [])
    await rig.queue.enqueue([_task("run-1")])
    assert len(rig.due(after=24 * HOUR)) == 1


async def test_a_further_tick_is_open_as_long_as_a_tick_may_take(rig: Rig) -> None:
    tick = TickContinuation(name="tick-1", shards=(3,))
    await rig.queue.continue_tick(tick)

    (request,) = rig.due()

    assert (request.body, request.deadline) == (tick, START + 60 * SECOND)


def _task(run: str = "run-1", *, due_at: datetime = START, timeout: timedelta = 30 * SECOND) -> Task:
    return Task(project="acme", run=run, attempt=1, dispatch=1, due_at=due_at, timeout=timeout)
