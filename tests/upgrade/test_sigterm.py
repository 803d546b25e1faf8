"""SIGTERM to a runner: within ten seconds its runs are handed back, and go on in another instance."""

import time
from pathlib import Path

import anyio
import pytest

from upgrade.site import UNTIL_KILLED, Site

pytestmark = pytest.mark.anyio


async def test_a_runner_that_is_told_to_end_hands_its_runs_back(site: Site, current: Path) -> None:
    await site.deploy("api", functions=current, version="new")
    ending = await site.deploy("run", functions=current, version="ending")
    await site.asked("POST", "projects", id="demo")
    agent = {"id": "note", "kind": "python", "config": {"callable": "upgrade.agents:note"}}
    await site.asked("POST", "projects/demo/agents", **agent)
    started = await site.asked("POST", "projects/demo/agents/note:run", input={"payload": {"seconds": 9}})
    path = f"projects/demo/runs/{started['id']}"
    with anyio.fail_after(20):
        while not site.begun():
            await anyio.sleep(0.1)
    await site.deploy("run", functions=current, version="staying")

    told = time.monotonic()
    await site.retire("run", ending)
    took = time.monotonic() - told
    with anyio.fail_after(40):
        while (run := await site.asked("GET", path))["status"] != "succeeded":
            await anyio.sleep(0.2)

    assert took < UNTIL_KILLED.total_seconds()
    assert [attempt["status"] for attempt in run["attempts"]] == ["lost", "succeeded"]
    assert run["attempts"][0]["error"]["type"] == "handed_back"
    assert [(note["attempt"], note["version"]) for note in sorted(site.begun(), key=lambda n: n["attempt"])] == [
        (1, "ending"),
        (2, "staying"),
    ]
