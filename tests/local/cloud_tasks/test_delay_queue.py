"""The delay queue: in order, and no larger than it has to be."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tock.local.cloud_tasks.queue import Queue
from tock.local.cloud_tasks.state.delay_queue import DelayQueue
from tock.local.cloud_tasks.task import Target, Task

START = datetime(2027, 3, 1, tzinfo=UTC)
END = START + timedelta(days=1)


def task(serial: int, *, due: int) -> Task:
    return Task(
        serial=serial,
        name=f"q/tasks/{serial}",
        target=Target(url="http://a", method="POST", headers={}, body=b"", oidc=None),
        schedule_time=START + timedelta(seconds=due),
        create_time=START,
        dispatch_deadline=timedelta(minutes=10),
    )


def taken(delay_queue: DelayQueue) -> list[int]:
    serials = []
    while isinstance(found := delay_queue.pop_due(now=END), Task):
        serials.append(found.serial)
    return serials


@given(st.lists(st.tuples(st.integers(0, 1000), st.booleans()), max_size=300))
def test_tasks_are_taken_in_the_order_of_time_and_then_of_creation(entries: list[tuple[int, bool]]) -> None:
    delay_queue = DelayQueue(Queue(name="q"))
    tasks = [task(serial, due=due) for serial, (due, _) in enumerate(entries)]
    kept = [each for each, (_, keep) in zip(tasks, entries, strict=True) if keep]

    for each in tasks:
        delay_queue.schedule(each)
    for each in tasks:
        if each not in kept:
            delay_queue.remove(each.name)

    assert taken(delay_queue) == [
        each.serial for each in sorted(kept, key=lambda each: (each.schedule_time, each.serial))
    ]


def test_the_timetable_does_not_grow_with_what_is_deleted() -> None:
    delay_queue = DelayQueue(Queue(name="q"))

    for serial in range(5000):
        delay_queue.schedule(task(serial, due=serial))
        if serial >= 10:
            delay_queue.remove(f"q/tasks/{serial}")

    assert len(delay_queue._timetable) < 100
    assert taken(delay_queue) == list(range(10))


def test_a_rescheduled_task_is_taken_at_its_new_time_only() -> None:
    delay_queue = DelayQueue(Queue(name="q"))
    delay_queue.schedule(task(1, due=1))
    delay_queue.schedule(task(1, due=5))

    assert delay_queue.pop_due(now=START + timedelta(seconds=4)) == START + timedelta(seconds=5)
    assert taken(delay_queue) == [1]
