"""SIGTERM to a runner: within ten seconds its runs are handed back, and go on in another instance."""

import time
from pathlib import Path

import pytest

from upgrade.site import UNTIL_KILLED, Site
from waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_a_runner_that_is_told_to_end_hands_its_runs_back(site: Site, current: Path) -> None:
    """Those of an agent in its own process, too."""
    await site.deploy("api", functions=current, version="new")
    ending = await site.deploy("run", functions=current, version="ending")
    await site.asked("POST", "projects", id="demo")
    started = []
    for name in ("note", "note_in_a_process"):
        agent = {"id": name.replace("_", "-"), "kind": "python", "config": {"callable": f"upgrade.agents:{name}"}}
        await site.asked("POST", "projects/demo/agents", **agent)
        started += [
            await site.asked("POST", f"projects/demo/agents/{agent['id']}:run", input={"payload": {"seconds": 9}})
            for _ in range(3)
        ]
    await until(lambda: len(site.begun()) == len(started))
    await site.deploy("run", functions=current, version="staying")

    told = time.monotonic()
    await site.retire("run", ending)
    took = time.monotonic() - told

    assert took < UNTIL_KILLED.total_seconds()
    for each in started:
        run = await site.settled(f"projects/demo/runs/{each['id']}")
        assert [attempt["status"] for attempt in run["attempts"]] == ["lost", "succeeded"]
        assert (run["attempts"][0]["error"]["type"], run["failures"]) == ("handed_back", 0)
        noted = sorted((note["attempt"], note["version"]) for note in site.begun() if note["run"] == each["id"])
        assert noted == [(1, "ending"), (2, "staying")]
