"""Creating, changing, pausing, purging and deleting queues, with Google's client."""

from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.tasks_v2 import HttpTarget, ListQueuesRequest, Queue, RateLimits, RetryConfig
from google.protobuf.field_mask_pb2 import FieldMask

from local.cloud_tasks.rig import LOCATION, QUEUE, START, assembled

pytestmark = pytest.mark.anyio
NEW = f"{LOCATION}/queues/new"
LATER = START + timedelta(hours=2)
DEFAULTS = Queue(
    name=NEW,
    retry_config=RetryConfig(
        max_attempts=100,
        max_retry_duration=timedelta(),
        min_backoff=timedelta(milliseconds=100),
        max_backoff=timedelta(hours=1),
        max_doublings=16,
    ),
    rate_limits=RateLimits(max_dispatches_per_second=500, max_burst_size=500, max_concurrent_dispatches=1000),
    state=Queue.State.RUNNING,
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_new_queue_has_the_documented_defaults() -> None:
    async with assembled() as rig:
        created = await rig.client.create_queue(parent=LOCATION, queue=Queue(name=NEW))

        assert created == DEFAULTS
        assert await rig.client.get_queue(name=NEW) == DEFAULTS


async def test_a_queue_is_created_once() -> None:
    async with assembled() as rig:
        with pytest.raises(exceptions.AlreadyExists):
            await rig.client.create_queue(parent=LOCATION, queue=Queue(name=QUEUE))


async def test_update_creates_a_queue_that_is_not_there() -> None:
    async with assembled() as rig:
        assert await rig.client.update_queue(queue=Queue(name=NEW)) == DEFAULTS


async def test_a_mask_changes_only_what_it_names() -> None:
    async with assembled() as rig:
        await rig.client.create_queue(parent=LOCATION, queue=Queue(name=NEW))
        change = Queue(
            name=NEW,
            retry_config=RetryConfig(max_attempts=3, max_doublings=1),
            rate_limits=RateLimits(max_dispatches_per_second=7.5, max_concurrent_dispatches=2),
            state=Queue.State.PAUSED,
        )
        paths = ["retry_config.max_attempts", "rate_limits.max_dispatches_per_second", "state"]

        changed = await rig.client.update_queue(queue=change, update_mask=FieldMask(paths=paths))

        expected = Queue(DEFAULTS)
        expected.retry_config.max_attempts = 3
        expected.rate_limits.max_dispatches_per_second = 7.5
        expected.rate_limits.max_burst_size = 8
        assert changed == expected


async def test_no_doublings_can_be_asked_for_and_stay() -> None:
    async with assembled() as rig:
        await rig.client.create_queue(parent=LOCATION, queue=Queue(name=NEW))
        zero = FieldMask(paths=["retry_config.max_doublings"])
        other = FieldMask(paths=["retry_config.max_attempts"])

        first = await rig.client.update_queue(queue=Queue(name=NEW), update_mask=zero)
        again = await rig.client.update_queue(
            queue=Queue(name=NEW, retry_config=RetryConfig(max_attempts=5)), update_mask=other
        )

        assert (first.retry_config.max_doublings, again.retry_config.max_doublings) == (0, 0)
        assert again.retry_config.max_attempts == 5


async def test_an_empty_mask_changes_everything_except_the_state() -> None:
    async with assembled() as rig:
        change = Queue(name=NEW, retry_config=RetryConfig(max_attempts=3))
        await rig.client.update_queue(queue=change)
        await rig.client.pause_queue(name=NEW)

        changed = await rig.client.update_queue(queue=Queue(name=NEW))

        expected = Queue(DEFAULTS)
        expected.state = Queue.State.PAUSED
        assert changed == expected


@pytest.mark.parametrize("path", ["nonsense", "retry_config.nonsense", "http_target"])
async def test_a_mask_that_names_nothing_is_refused(path: str) -> None:
    async with assembled() as rig:
        with pytest.raises(exceptions.InvalidArgument, match="update_mask"):
            await rig.client.update_queue(queue=Queue(name=QUEUE), update_mask=FieldMask(paths=[path]))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "letters of the queue id": ({"name": f"{LOCATION}/queues/a_b"}, "'a_b'"),
    "length of the queue id": ({"name": f"{LOCATION}/queues/{'a' * 101}"}, r"queue\.name"),
    "another location": ({"name": "projects/p/locations/other/queues/q"}, "is not in"),
    "rate": ({"rate_limits": RateLimits(max_dispatches_per_second=501)}, "max_dispatches_per_second"),
    "negative rate": ({"rate_limits": RateLimits(max_dispatches_per_second=-1)}, "max_dispatches_per_second"),
    "concurrency": ({"rate_limits": RateLimits(max_concurrent_dispatches=5001)}, "max_concurrent_dispatches"),
    "attempts": ({"retry_config": RetryConfig(max_attempts=-2)}, "max_attempts"),
    "doublings": ({"retry_config": RetryConfig(max_doublings=-1)}, "max_doublings"),
    "backoff": ({"retry_config": RetryConfig(min_backoff=timedelta(seconds=-1))}, "min_backoff"),
    "backoffs": ({"retry_config": RetryConfig(max_backoff=timedelta(milliseconds=50))}, "min_backoff"),
}


@pytest.mark.parametrize(("fields", "message"), REFUSED.values(), ids=REFUSED)
async def test_a_queue_against_the_rules_is_refused(fields: dict[str, Any], message: str) -> None:
    async with assembled() as rig:
        with pytest.raises(exceptions.InvalidArgument, match=message):
            await rig.client.create_queue(parent=LOCATION, queue=Queue(**{"name": NEW, **fields}))


async def test_queues_are_listed_by_location_page_by_page() -> None:
    async with assembled() as rig:
        elsewhere = "projects/p/locations/elsewhere"
        await rig.client.create_queue(parent=elsewhere, queue=Queue(name=f"{elsewhere}/queues/z"))
        for letter in "cab":
            await rig.client.create_queue(parent=LOCATION, queue=Queue(name=f"{LOCATION}/queues/{letter}"))

        listed = await rig.client.list_queues(ListQueuesRequest(parent=LOCATION, page_size=3))
        pages = [[queue.name[-1] for queue in page.queues] async for page in listed.pages]

        assert pages == [["a", "b", "c"], ["q"]]


async def test_missing_queues_are_not_found() -> None:
    async with assembled() as rig:
        client = rig.client
        calls = (client.get_queue, client.delete_queue, client.pause_queue, client.resume_queue, client.purge_queue)

        for call in calls:
            with pytest.raises(exceptions.NotFound, match="queues/none"):
                await call(name=f"{LOCATION}/queues/none")


async def test_a_paused_queue_takes_tasks_and_delivers_them_when_resumed() -> None:
    async with assembled() as rig:
        paused = await rig.client.pause_queue(name=QUEUE)
        await rig.create("a")
        await rig.create("b", schedule_time=START + timedelta(seconds=5))
        rig.clock.advance(timedelta(minutes=1))

        untouched = [(await rig.task(name)).dispatch_count for name in "ab"]
        resumed = await rig.client.resume_queue(name=QUEUE)
        await rig.delivered(2)

        assert (paused.state, resumed.state) == (Queue.State.PAUSED, Queue.State.RUNNING)
        assert untouched == [0, 0]
        assert sorted(rig.target.tasks()) == ["a", "b"]


async def test_a_purge_deletes_the_tasks_of_its_queue_and_keeps_their_names_taken() -> None:
    async with assembled() as rig:
        await rig.client.create_queue(parent=LOCATION, queue=Queue(name=NEW))
        for name in "abc":
            await rig.create(name, schedule_time=LATER)
        await rig.create("other", queue=NEW, schedule_time=LATER)

        purged = await rig.client.purge_queue(name=QUEUE)
        await rig.create("d", schedule_time=LATER)

        assert purged.purge_time == START
        assert await rig.waiting() == ["d"]
        assert await rig.waiting(queue=NEW) == ["other"]
        with pytest.raises(exceptions.AlreadyExists):
            await rig.create("a", schedule_time=LATER)


async def test_a_deleted_queue_takes_its_tasks_and_their_names_with_it() -> None:
    async with assembled() as rig:
        await rig.create("t", schedule_time=LATER)

        await rig.client.delete_queue(name=QUEUE)

        with pytest.raises(exceptions.NotFound):
            await rig.task("t")
        await rig.client.create_queue(parent=LOCATION, queue=Queue(name=QUEUE))
        await rig.create("t", schedule_time=LATER)
        rig.clock.advance(timedelta(hours=3))
        await rig.delivered(1)
        await rig.gone("t")
        assert rig.target.tasks() == ["t"]


async def test_what_is_not_emulated_says_so() -> None:
    async with assembled() as rig:
        with pytest.raises(exceptions.MethodNotImplemented, match="http_target"):
            await rig.client.create_queue(parent=LOCATION, queue=Queue(name=NEW, http_target=HttpTarget()))
        with pytest.raises(exceptions.MethodNotImplemented, match="filter"):
            await rig.client.list_queues(ListQueuesRequest(parent=LOCATION, filter="state: PAUSED"))
