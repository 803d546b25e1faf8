"""Creating, reading, listing and deleting tasks, with Google's client."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.tasks_v2 import (
    AppEngineHttpRequest,
    CreateTaskRequest,
    GetTaskRequest,
    HttpMethod,
    HttpRequest,
    ListTasksRequest,
    OAuthToken,
    OidcToken,
    RetryConfig,
    Task,
)

from local.cloud_tasks.rig import LOCATION, QUEUE, START, assembled

pytestmark = pytest.mark.anyio
LATER = START + timedelta(hours=2)
URL = "http://127.0.0.1:9/never"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_created_task_is_returned_without_its_body_unless_asked_for() -> None:
    async with assembled() as rig:
        task = Task(
            name=f"{QUEUE}/tasks/t",
            http_request=HttpRequest(url=URL, body=b"secret", headers={"a": "b"}),
            schedule_time=LATER,
            dispatch_deadline=timedelta(seconds=15),
        )

        basic = await rig.client.create_task(parent=QUEUE, task=task)
        full = await rig.client.get_task(GetTaskRequest(name=task.name, response_view=Task.View.FULL))

        expected = Task(
            name=task.name,
            http_request=HttpRequest(url=URL, http_method=HttpMethod.POST, headers={"a": "b"}),
            schedule_time=LATER,
            create_time=START,
            dispatch_deadline=timedelta(seconds=15),
            view=Task.View.BASIC,
        )
        assert basic == expected
        expected.http_request.body = b"secret"
        expected.view = Task.View.FULL
        assert full == expected


async def test_create_can_return_the_full_view() -> None:
    async with assembled() as rig:
        task = Task(http_request=HttpRequest(url=URL, body=b"x"), schedule_time=LATER)
        request = CreateTaskRequest(parent=QUEUE, task=task, response_view=Task.View.FULL)

        assert (await rig.client.create_task(request)).http_request.body == b"x"


async def test_defaults_are_filled_in() -> None:
    async with assembled() as rig:
        await rig.client.pause_queue(name=QUEUE)

        task = await rig.create("t", schedule_time=START - timedelta(days=1))

        assert task.schedule_time == START
        assert task.dispatch_deadline == timedelta(minutes=10)
        assert task.http_request.http_method == HttpMethod.POST


async def test_unnamed_tasks_get_names_of_their_own() -> None:
    async with assembled() as rig:
        tasks = await asyncio.gather(*(rig.create(schedule_time=LATER) for _ in range(20)))

        assert len({task.name for task in tasks}) == 20
        assert all(task.name.startswith(f"{QUEUE}/tasks/") for task in tasks)


async def test_a_name_is_taken_while_its_task_waits() -> None:
    async with assembled() as rig:
        await rig.create("t", schedule_time=LATER)

        with pytest.raises(exceptions.AlreadyExists):
            await rig.create("t", schedule_time=LATER)


async def test_of_many_creations_of_one_name_one_succeeds() -> None:
    async with assembled() as rig:
        attempts = (rig.create("t") for _ in range(30))

        results = await asyncio.gather(*attempts, return_exceptions=True)

        assert sum(isinstance(result, Task) for result in results) == 1
        assert sum(isinstance(result, exceptions.AlreadyExists) for result in results) == 29
        await rig.gone("t")
        assert rig.target.tasks() == ["t"]


async def test_a_name_stays_taken_for_an_hour_after_execution() -> None:
    async with assembled() as rig:
        await rig.create("t")
        await rig.gone("t")

        rig.clock.advance(timedelta(minutes=59, seconds=59))
        with pytest.raises(exceptions.AlreadyExists, match="too recently"):
            await rig.create("t")
        rig.clock.advance(timedelta(seconds=1))

        await rig.create("t")
        await rig.delivered(2)


async def test_a_name_stays_taken_for_an_hour_after_deletion() -> None:
    async with assembled() as rig:
        created = await rig.create("t", schedule_time=LATER)
        await rig.client.delete_task(name=created.name)

        with pytest.raises(exceptions.NotFound):
            await rig.task("t")
        with pytest.raises(exceptions.AlreadyExists, match="too recently"):
            await rig.create("t", schedule_time=LATER)
        rig.clock.advance(timedelta(hours=1))

        await rig.create("t", schedule_time=LATER)


async def test_tasks_are_listed_page_by_page_in_the_view_asked_for() -> None:
    async with assembled() as rig:
        for number in range(7):
            request = HttpRequest(url=URL, body=b"x")
            await rig.create(f"t{number}", http_request=request, schedule_time=LATER)

        request = ListTasksRequest(parent=QUEUE, page_size=3, response_view=Task.View.FULL)
        pages = [page async for page in (await rig.client.list_tasks(request)).pages]

        assert [len(page.tasks) for page in pages] == [3, 3, 1]
        assert [task.name[-2:] for page in pages for task in page.tasks] == [f"t{n}" for n in range(7)]
        assert {task.http_request.body for page in pages for task in page.tasks} == {b"x"}
        basic = await rig.client.list_tasks(parent=QUEUE)
        assert {task.http_request.body async for task in basic} == {b""}


@pytest.mark.parametrize(("size", "token"), [(-1, ""), (3, "!"), (3, "YQ")], ids=["size", "signs", "padding"])
async def test_a_page_that_cannot_be_is_refused(size: int, token: str) -> None:
    async with assembled() as rig:
        request = ListTasksRequest(parent=QUEUE, page_size=size, page_token=token)

        with pytest.raises(exceptions.InvalidArgument, match="page_"):
            await rig.client.list_tasks(request)


async def test_what_is_not_there_is_not_found() -> None:
    async with assembled() as rig:
        missing = f"{LOCATION}/queues/none"

        with pytest.raises(exceptions.NotFound, match="queues/none"):
            await rig.create(queue=missing)
        with pytest.raises(exceptions.NotFound, match="queues/none"):
            await rig.client.list_tasks(parent=missing)
        for call in (rig.client.get_task, rig.client.delete_task, rig.client.run_task):
            with pytest.raises(exceptions.NotFound, match="tasks/none"):
                await call(name=f"{QUEUE}/tasks/none")


def http(**fields: Any) -> dict[str, Any]:
    return {"http_request": HttpRequest(**{"url": URL, **fields})}


REFUSED = {
    "task name of another queue": ({"name": f"{LOCATION}/queues/other/tasks/t"}, r"task\.name"),
    "task name without a path": ({"name": "t"}, r"task\.name"),
    "letters of the task id": ({"name": f"{QUEUE}/tasks/a.b"}, r"'a\.b'"),
    "line end in the task id": ({"name": f"{QUEUE}/tasks/a\n"}, r"task\.name"),
    "length of the task id": ({"name": f"{QUEUE}/tasks/{'a' * 501}"}, r"task\.name"),
    "too far in the future": ({"schedule_time": START + timedelta(days=30, seconds=1)}, "30 days"),
    "deadline too short": ({"dispatch_deadline": timedelta(seconds=14)}, "dispatch_deadline"),
    "deadline a little short": ({"dispatch_deadline": timedelta(seconds=14.9)}, "dispatch_deadline"),
    "deadline too long": ({"dispatch_deadline": timedelta(minutes=30, seconds=1)}, "dispatch_deadline"),
    "deadline a little long": ({"dispatch_deadline": timedelta(minutes=30, seconds=0.1)}, "dispatch_deadline"),
    "no target": ({"http_request": None}, "http_request"),
    "app engine": (
        {"http_request": None, "app_engine_http_request": AppEngineHttpRequest(relative_uri="/")},
        "HTTP targets only",
    ),
    "body with GET": (http(http_method=HttpMethod.GET, body=b"x"), "not allowed with GET"),
    "no url": (http(url=""), "http_request.url"),
    "other scheme": (http(url="ftp://a/b"), "http_request.url"),
    "url without host": (http(url="http://"), "http_request.url"),
    "broken url": (http(url="http://[::1/"), "http_request.url"),
    "url too long": (http(url="http://a/" + "b" * 2075), "2083"),
    "task too large": (http(body=b"x" * 1024 * 1024), "larger than"),
    "header name": (http(headers={"a b": "c"}), "headers"),
    "header value": (http(headers={"a": "b\r\nc: d"}), "headers"),
    "headers too large": (http(headers={"a": "b" * 80 * 1024}), "80 KB"),
    "token without account": (http(oidc_token=OidcToken(audience="a")), "service_account_email"),
    "retry backoffs": (
        {"retry_config": RetryConfig(min_backoff=timedelta(seconds=2), max_backoff=timedelta(seconds=1))},
        r"task\.retry_config\.min_backoff",
    ),
}


@pytest.mark.parametrize(("fields", "message"), REFUSED.values(), ids=REFUSED)
async def test_a_task_against_the_rules_is_refused(fields: dict[str, Any], message: str) -> None:
    async with assembled() as rig:
        task = Task(**{**http(), "schedule_time": LATER, **fields})

        with pytest.raises(exceptions.InvalidArgument, match=message):
            await rig.client.create_task(parent=QUEUE, task=task)

        assert await rig.waiting() == []


@pytest.mark.parametrize(
    "parent", ["q", f"{LOCATION}/queues/a_b", f"{LOCATION}/queues/{'a' * 101}", f"{QUEUE}/tasks/t"]
)
async def test_a_queue_name_against_the_rules_is_refused(parent: str) -> None:
    async with assembled() as rig:
        with pytest.raises(exceptions.InvalidArgument, match="parent"):
            await rig.client.create_task(parent=parent, task=Task(http_request=HttpRequest(url=URL)))


async def test_the_largest_values_are_accepted() -> None:
    async with assembled() as rig:
        await rig.create(
            "a" * 500,
            http_request=HttpRequest(url="http://a/" + "b" * 2074, body=b"x" * 1_000_000),
            schedule_time=START + timedelta(days=30),
            dispatch_deadline=timedelta(minutes=30),
        )


async def test_what_is_not_emulated_says_so() -> None:
    async with assembled() as rig:
        oauth = HttpRequest(url=URL, oauth_token=OAuthToken(service_account_email="a@b"))
        oidc = HttpRequest(url=URL, oidc_token=OidcToken(service_account_email="a@b"))

        with pytest.raises(exceptions.MethodNotImplemented, match="oauth_token"):
            await rig.create(http_request=oauth)
        with pytest.raises(exceptions.FailedPrecondition, match="no identity"):
            await rig.create(http_request=oidc)
        with pytest.raises(exceptions.MethodNotImplemented):
            await rig.client.batch_delete_tasks({"parent": QUEUE, "names": [f"{QUEUE}/tasks/t"]})
