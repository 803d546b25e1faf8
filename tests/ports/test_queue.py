"""What every queue guarantees: one delivery per task, not before its time, with what the function needs."""

import itertools
import json
from datetime import timedelta

import pytest

from local.cloud_tasks.target import Gate, Target
from ports.documents import a_run
from ports.model_queue_delivery import TICK_PATH
from ports.queues import SECOND, a_task, now
from tock.core.ids.derived import task_id
from tock.ports.queue import Queue, Task, TickContinuation
from waiting import until

pytestmark = pytest.mark.anyio


async def test_a_task_is_delivered_with_what_names_its_attempt(queue: Queue, target: Target) -> None:
    await queue.enqueue([a_task()])

    await until(lambda: len(target.deliveries) == 1)
    (delivery,) = target.deliveries
    assert (delivery.method, json.loads(delivery.body)) == (
        "POST",
        {"project": "acme", "run": "run-1", "attempt": 1, "dispatch": 1},
    )
    assert delivery.headers["content-type"] == "application/json"


async def test_a_second_call_for_the_same_delivery_has_no_effect(queue: Queue, target: Target) -> None:
    await queue.enqueue([a_task()])
    await until(lambda: len(target.deliveries) == 1)

    await queue.enqueue([a_task()])
    await queue.enqueue([a_task(due_at=now() - SECOND, timeout=SECOND)])
    await queue.enqueue([a_task(run="last")])

    await until(lambda: "last" in _runs(target))
    assert _runs(target) == ["run-1", "last"]


async def test_a_second_call_before_the_delivery_has_no_effect(queue: Queue, target: Target) -> None:
    due_at = now() + SECOND

    await queue.enqueue([a_task(due_at=due_at)])
    await queue.enqueue([a_task(due_at=due_at)])

    await queue.enqueue([a_task(run="last", due_at=due_at + SECOND)])
    await until(lambda: "last" in _runs(target))
    assert _runs(target) == ["run-1", "last"]


async def test_another_attempt_dispatch_run_or_project_is_another_delivery(queue: Queue, target: Target) -> None:
    tasks = [a_task(), a_task(attempt=2), a_task(dispatch=2), a_task(run="run-2"), a_task(project="beta")]

    refused = await queue.enqueue(tasks)

    await until(lambda: len(target.deliveries) == 5)
    assert refused == {}


async def test_a_batch_accepts_each_task_once_whatever_was_accepted_before(queue: Queue, target: Target) -> None:
    due_at = now() + SECOND
    tasks = [a_task(run=f"run-{number}", due_at=due_at) for number in range(100)]
    await queue.enqueue(tasks[40:41])

    refused = await queue.enqueue([*tasks, tasks[7], tasks[99]])

    await queue.enqueue([a_task(run="last", due_at=due_at + 2 * SECOND)])
    await until(lambda: len(target.deliveries) >= 101)
    assert refused == {}
    assert sorted(_runs(target)) == sorted([*(task.run for task in tasks), "last"])


async def test_an_empty_batch_enqueues_nothing(queue: Queue, target: Target) -> None:
    refused = await queue.enqueue([])

    await queue.enqueue([a_task(run="last")])
    await until(lambda: len(target.deliveries) > 0)
    assert refused == {}
    assert _runs(target) == ["last"]


async def test_a_task_is_never_delivered_before_its_time(queue: Queue, target: Target) -> None:
    due_at = now() + 2 * SECOND

    await queue.enqueue([a_task(due_at=due_at)])

    await until(lambda: len(target.deliveries) == 1)
    assert target.deliveries[0].arrived >= due_at


async def test_the_task_of_a_run_is_its_current_delivery(queue: Queue, target: Target) -> None:
    run = a_run(attempt=3, dispatch=2, due_at=now())

    await queue.enqueue([Task.of(run)])

    await until(lambda: len(target.deliveries) == 1)
    assert json.loads(target.deliveries[0].body) == {"project": "acme", "run": "run-1", "attempt": 3, "dispatch": 2}


@pytest.mark.slow
async def test_a_delivery_that_is_refused_is_made_again_and_no_more_once_it_is_not(
    queue: Queue, target: Target
) -> None:
    target.answers(500, 503, 429)

    await queue.enqueue([a_task()])

    await until(lambda: len(target.deliveries) == 4)
    await queue.enqueue([a_task()])
    await queue.enqueue([a_task(run="last", due_at=now() + 2 * SECOND)])
    await until(lambda: "last" in _runs(target))
    assert _runs(target) == [*["run-1"] * 4, "last"]
    assert len({delivery.body for delivery in target.deliveries[:4]}) == 1


async def test_the_pauses_between_deliveries_grow(queue: Queue, target: Target) -> None:
    target.answers(500, 500, 500, 500)

    await queue.enqueue([a_task()])

    await until(lambda: len(target.deliveries) == 5)
    arrived = [delivery.arrived for delivery in target.deliveries]
    pauses = [later - earlier for earlier, later in itertools.pairwise(arrived)]
    assert all(pause >= timedelta(milliseconds=100) * 2**number for number, pause in enumerate(pauses))


async def test_a_task_that_is_refused_holds_no_other_up(queue: Queue, target: Target) -> None:
    held_back = Gate(target, status=500)
    await queue.enqueue([a_task(run="slow")])
    await until(lambda: held_back.inside == 1)

    await queue.enqueue([a_task(run="quick")])

    await until(lambda: held_back.inside == 2)
    held_back.open()
    await until(lambda: len(target.deliveries) >= 4)


async def test_a_task_that_is_overdue_is_delivered_at_once(queue: Queue, target: Target) -> None:
    await queue.enqueue([a_task(due_at=now() - timedelta(days=2))])

    await until(lambda: len(target.deliveries) == 1)


async def test_a_further_tick_begins_at_once_with_its_name_and_its_shards(queue: Queue, target: Target) -> None:
    await queue.continue_tick(TickContinuation(name="tick-1", shards=(0, 7)))

    await until(lambda: len(target.deliveries) == 1)
    (delivery,) = target.deliveries
    assert (delivery.method, delivery.path) == ("POST", TICK_PATH)
    assert json.loads(delivery.body) == {"tick": "tick-1", "shards": [0, 7]}
    assert delivery.headers["content-type"] == "application/json"


async def test_a_second_further_tick_of_one_name_has_no_effect(queue: Queue, target: Target) -> None:
    await queue.continue_tick(TickContinuation(name="tick-1", shards=(1,)))
    await until(lambda: len(target.deliveries) == 1)

    await queue.continue_tick(TickContinuation(name="tick-1", shards=(1,)))
    await queue.continue_tick(TickContinuation(name="tick-1", shards=(2,)))
    await queue.continue_tick(TickContinuation(name="tick-2", shards=(1,)))

    await until(lambda: len(target.deliveries) == 2)
    assert [json.loads(delivery.body)["tick"] for delivery in target.deliveries] == ["tick-1", "tick-2"]


async def test_a_further_tick_and_a_run_of_one_name_do_not_meet(queue: Queue, target: Target) -> None:
    name = task_id(project="acme", run="run-1", attempt=1, dispatch=1)

    await queue.enqueue([a_task()])
    await queue.continue_tick(TickContinuation(name=name, shards=(1,)))

    await until(lambda: len(target.deliveries) == 2)
    assert {delivery.path for delivery in target.deliveries} == {"/", TICK_PATH}


def _runs(target: Target) -> list[str]:
    return [json.loads(delivery.body)["run"] for delivery in target.deliveries]
