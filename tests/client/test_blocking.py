"""The blocking client in a thread, against the real API behind a real HTTP server."""

import asyncio

import pytest

import tock
from client.conftest import Hosted
from tock import Client

pytestmark = pytest.mark.anyio


async def test_a_run_is_started_watched_and_waited_for(hosted: Hosted) -> None:
    client = hosted.blocking()
    run = await asyncio.to_thread(client.agents.run, "digest", input={"message": "Hi"})
    watching = asyncio.create_task(asyncio.to_thread(lambda: [event.kind for event in run.events()]))
    waiting = asyncio.create_task(asyncio.to_thread(run.result))

    await hosted.rig.execute(run.resource.model_dump(mode="json"))

    assert await waiting == {"message": "Hi", "payload": {}, "model": None}
    assert (await watching)[::6] == ["run.created", "run.settled"]
    client.close()


async def test_resources_and_errors_are_those_of_the_asynchronous_client(hosted: Hosted) -> None:
    def use(client: Client) -> None:
        made = client.triggers.create("t", agent="digest", schedule={"every": "1h"})
        assert [trigger.id for trigger in client.triggers.list(page_size=1)] == ["t"]
        assert client.triggers.update("t", name="T", if_match=made).revision == 2
        with pytest.raises(tock.RevisionConflict):
            client.triggers.delete("t", if_match=made)
        with pytest.raises(tock.InvalidRequest) as refused:
            client.triggers.update("t", schedule={"cron": "61 * * * *"})
        assert [error.field for error in refused.value.errors] == ["schedule.cron"]

    with hosted.blocking() as client:
        await asyncio.to_thread(use, client)
