"""A deployment sends continuations to its own tick function, as its environment says."""

import json

import anyio
import pytest
from google.cloud.tasks_v2 import CloudTasksAsyncClient

from local.cloud_tasks.target import serving
from tock.bootstrap.deployment import build
from tock.bootstrap.settings import Settings
from tock.ports.queue import TickContinuation
from waiting import until
from web.conftest import LOCATION

pytestmark = pytest.mark.anyio


@pytest.mark.usefixtures("firestore_client")
@pytest.mark.parametrize("settings", [("url",), ("audience",), ("url", "audience")], ids=" and ".join)
async def test_further_ticks_go_to_the_tick_function(
    cloud_tasks: CloudTasksAsyncClient,
    cloud_tasks_emulator: str,
    google_project: str,
    monkeypatch: pytest.MonkeyPatch,
    settings: tuple[str, ...],
) -> None:
    parent = f"projects/{google_project}/locations/{LOCATION}"
    await cloud_tasks.create_queue(parent=parent, queue={"name": f"{parent}/queues/overflow"})
    async with serving() as target:
        environment = {
            "GOOGLE_CLOUD_PROJECT": google_project,
            "CLOUD_TASKS_EMULATOR_HOST": cloud_tasks_emulator,
            "TOCK_LOCATION": LOCATION,
            "TOCK_TICK_QUEUE": "overflow",
            **{f"TOCK_TICK_{name.upper()}": f"{target.url}/tick" for name in settings},
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

        built = build(Settings.of_environment(), shutdown=anyio.Event())
        await built.services.queue.continue_tick(TickContinuation(name="one", shards=(2, 4)))

        await until(lambda: len(target.deliveries) == 1)
        assert target.deliveries[0].path == "/tick"
        assert json.loads(target.deliveries[0].body) == {"tick": "one", "shards": [2, 4]}
