"""An upgrade: the previous version and this one work on the same data, and no run is lost or doubled."""

from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import pytest

from upgrade.conftest import PREVIOUS, TAG, git
from upgrade.deployment import Deployment
from waiting import TIMEOUT, until

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
#: How long each stage lasts, in seconds: the previous version alone, both, this one alone.
STAGE = 11


async def test_nothing_is_lost_or_doubled_across_an_upgrade(
    deployment: Deployment, previous: Path, current: Path
) -> None:
    old = {name: await deployment.deploy(name, functions=previous, version="old") for name in ("tick", "run", "api")}
    await deployment.request("POST", "projects", id="demo")
    agent = {"id": "note", "kind": "python", "config": {"callable": "upgrade.agents:note"}}
    await deployment.request("POST", "projects/demo/agents", **agent)
    trigger = {
        "id": "often",
        "agent": "note",
        "schedule": {"every": "PT5S"},
        "overlap": "skip",
        "input": {"payload": {"seconds": 2}},
    }
    await deployment.request("POST", "projects/demo/triggers", **trigger)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_ticking, deployment)
        await anyio.sleep(STAGE)
        for name in old:
            await deployment.deploy(name, functions=current, version="new")
        await anyio.sleep(STAGE)
        for name in ("tick", "run"):
            await deployment.retire(name, old[name])
        await anyio.sleep(STAGE)
        # Edited by this version what the previous one had made; its claimed runs are taken back.
        await deployment.request("POST", "projects/demo/triggers/often:disable")
        tasks.cancel_scope.cancel()
    await until(lambda: all(note.get("ended") for note in deployment.logged()))

    proof = await deployment.request("GET", "projects/demo/triggers/often:proof")
    logged = deployment.logged()
    assert proof["holds"], proof
    assert Counter(note["run"] for note in logged).most_common(1)[0][1] == 1, logged
    assert len(logged) == proof["counts"]["fired"] >= 3 * STAGE // 5 - 1
    assert {note["version"] for note in logged} == {"old", "new"}


async def test_what_this_version_wrote_the_previous_one_reads_and_changes_without_loss(
    deployment: Deployment, previous: Path, current: Path
) -> None:
    await deployment.deploy("api", functions=current, version="new")
    await deployment.request("POST", "projects", id="demo")
    agent = {"id": "note", "kind": "python", "config": {"callable": "upgrade.agents:note"}}
    await deployment.request("POST", "projects/demo/agents", **agent)
    trigger = {"id": "daily", "agent": "note", "schedule": {"cron": "0 9 1 1 *"}, "name": "Every year"}
    made = await deployment.request("POST", "projects/demo/triggers", **trigger)

    await deployment.deploy("api", functions=previous, version="old")
    await deployment.request("POST", "projects/demo/triggers/daily:disable")
    rolled_back = await deployment.request("GET", "projects/demo/triggers/daily")

    changed = {"enabled", "paused", "next_run_at", "revision", "generation", "updated", "etag"}
    assert {"schedule", "retry", "catch_up", "input", "overlap"} <= rolled_back.keys()
    kept = {name: value for name, value in rolled_back.items() if name not in changed}
    assert shared(kept, made) == shared(made, kept)


def shared(one: Any, other: Any) -> Any:
    """Return the value with those members only that the other one has, too: each version shows what it knows."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: shared(one[name], other[name]) for name in one if name in other}
    return one


async def test_what_this_version_hands_back_the_previous_one_goes_on_with(
    deployment: Deployment, previous: Path, current: Path
) -> None:
    await deployment.deploy("api", functions=previous, version="old")
    new = await deployment.deploy("run", functions=current, version="new")
    await deployment.request("POST", "projects", id="demo")
    agent = {"id": "note", "kind": "python", "config": {"callable": "upgrade.agents:note"}}
    await deployment.request("POST", "projects/demo/agents", **agent)
    started = await deployment.request("POST", "projects/demo/agents/note:run", input={"payload": {"seconds": 600}})
    await until(deployment.logged)

    await deployment.deploy("run", functions=previous, version="old")
    await deployment.retire("run", new)

    run = await deployment.settled(f"projects/demo/runs/{started['id']}")
    assert (run["result"], [attempt["status"] for attempt in run["attempts"]]) == ("old", ["lost", "succeeded"])
    assert run["attempts"][0]["error"]["type"] == "handed_back"


async def test_runs_that_this_version_failed_and_held_the_previous_one_reads_and_ends(
    deployment: Deployment, previous: Path, current: Path
) -> None:
    new = {name: await deployment.deploy(name, functions=current, version="new") for name in ("tick", "run", "api")}
    await deployment.request("POST", "projects", id="demo")
    for name in ("note", "stumble"):
        agent = {"id": name, "kind": "python", "config": {"callable": f"upgrade.agents:{name}"}}
        await deployment.request("POST", "projects/demo/agents", **agent)
    retried = {"id": "retried", "agent": "stumble", "schedule": {"cron": "0 9 1 1 *"}}
    await deployment.request("POST", "projects/demo/triggers", **retried, retry={"max_retries": 1, "delay": "PT20S"})
    often = {"id": "often", "agent": "note", "schedule": {"every": "PT5S"}, "overlap": "queue"}
    await deployment.request("POST", "projects/demo/triggers", **often, input={"payload": {"seconds": 20}})
    failed = await deployment.request("POST", "projects/demo/triggers/retried:run")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_ticking, deployment)
        with anyio.fail_after(TIMEOUT):
            while not (held := (await deployment.request("GET", "projects/demo/runs?status=held"))["runs"]):
                await anyio.sleep(0.2)
        for name in new:
            await deployment.deploy(name, functions=previous, version="old")
        for name in ("tick", "run"):
            await deployment.retire(name, new[name])
        listed = await deployment.request("GET", "projects/demo/runs")
        ended = [await deployment.settled(f"projects/demo/runs/{run['id']}") for run in (failed, held[0])]
        tasks.cancel_scope.cancel()

    assert {failed["id"], held[0]["id"]} <= {run["id"] for run in listed["runs"]}
    assert [run["result"] for run in ended] == ["old", "old"]
    assert [attempt["status"] for attempt in ended[0]["attempts"]] == ["failed", "succeeded"]


def test_the_previous_version_is_the_last_one_that_was_tagged() -> None:
    if git("rev-parse", "--is-shallow-repository").strip() == b"true":
        pytest.skip("a shallow clone knows no tags")
    # A tag of this very commit would name the version that is tested.
    tagged = git("tag", "--merged", "HEAD~1", "--sort=-creatordate", "--format=%(refname:short)").decode().split()

    assert tagged[:1] in ([], [TAG]), "a version was tagged: name it and its commit in previous.txt"
    assert not tagged or git("rev-list", "-1", TAG).decode().strip() == PREVIOUS


async def _ticking(deployment: Deployment) -> None:
    """Two ticks at once every few seconds, each of either version."""
    while True:
        async with anyio.create_task_group() as both:
            both.start_soon(deployment.tick)
            both.start_soon(deployment.tick)
        await anyio.sleep(4)
