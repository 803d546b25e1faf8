"""SIGTERM: within ten seconds a process hands its runs back, and another instance continues them."""

import time
from pathlib import Path

import pytest

from upgrade.deployment import UNTIL_KILLED, Deployment
from waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_a_runner_hands_its_runs_back_after_sigterm(deployment: Deployment, current: Path) -> None:
    """Also those of agents in child processes."""
    await deployment.deploy("api", functions=current, version="new")
    ending = await deployment.deploy("run", functions=current, version="ending")
    await deployment.request("POST", "projects", id="demo")
    started = []
    for name in ("note", "note_in_a_process"):
        agent = {"id": name.replace("_", "-"), "kind": "python", "config": {"callable": f"upgrade.agents:{name}"}}
        await deployment.request("POST", "projects/demo/agents", **agent)
        started += [
            await deployment.request(
                "POST", f"projects/demo/agents/{agent['id']}:run", input={"payload": {"seconds": 600}}
            )
            for _ in range(3)
        ]
    await until(lambda: len(deployment.logged()) == len(started))
    await deployment.deploy("run", functions=current, version="staying")

    before = time.monotonic()
    await deployment.retire("run", ending)
    took = time.monotonic() - before

    assert took < UNTIL_KILLED.total_seconds()
    for each in started:
        run = await deployment.settled(f"projects/demo/runs/{each['id']}")
        assert [attempt["status"] for attempt in run["attempts"]] == ["lost", "succeeded"]
        assert (run["attempts"][0]["error"]["type"], run["failures"]) == ("handed_back", 0)
        logged = sorted((note["attempt"], note["version"]) for note in deployment.logged() if note["run"] == each["id"])
        assert logged == [(1, "ending"), (2, "staying")]
