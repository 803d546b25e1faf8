"""The demo's scenario: agents run on time, fail, are retried, survive a killed process, are steered and approved."""

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import anyio
import httpx

from tock.bootstrap.system_clock import SystemClock
from tock.core.time.instant import instant_text
from tock.local.demo.failure import DemoFailed
from tock.local.demo.resources import scenario_triggers
from tock.local.demo.writer_scene import WriterScene
from tock.local.stack.session import PROJECT, Session

#: How long the repeating triggers run.
LENGTH = timedelta(seconds=60)
#: How long the whole scenario may take; usually it ends earlier.
TIMEOUT = timedelta(seconds=115)
#: A short lease, so that the demo is long enough to show the rescue of a killed run.
TIMING = {"TOCK_LEASE": "PT10S", "TOCK_HEARTBEAT": "PT3S"}
#: The scenario calls without a key, on a stack of its own.
OPEN = {"TOCK_ADMIN_KEY_HASH": ""}
#: After how many steps, of a second each, the long job's process is killed.
HALF_WAY = 3
POLL = 0.5


@dataclass(slots=True)
class Scenario:
    """One run of the scenario; `report` is called with each line of output."""

    session: Session
    repository: str
    report: Callable[[str], None]
    writer: WriterScene
    began: datetime = field(default_factory=SystemClock().now)
    #: Set when a process was killed: what comes after it is disturbed by nothing.
    killed: anyio.Event = field(default_factory=anyio.Event)

    @property
    def until(self) -> datetime:
        """The end of the repeating triggers and of their proofs."""
        return self.began + LENGTH

    async def run(self) -> None:
        """Run every scene, some at the same time. Raises DemoFailed."""
        created = scenario_triggers(repository=self.repository, now=self.began, until=self.until)
        for trigger in created:
            (await self.session.api.post("/triggers", json=trigger)).raise_for_status()
        self.report(f"{len(created)} triggers created; fire times within the next 90 s are claimed at once")
        await self._preview_clock_changes()
        await self._same_key_twice()
        try:
            with anyio.fail_after((self.began + TIMEOUT - SystemClock().now()).total_seconds()):
                async with anyio.create_task_group() as scenes:
                    scenes.start_soon(self._kill_and_rescue)
                    scenes.start_soon(self._digest_and_retry)
                    scenes.start_soon(self._flaky)
                    scenes.start_soon(self._writer)
                await self._all_settled()
        except TimeoutError as exc:
            raise DemoFailed(f"some runs were not settled after {TIMEOUT.total_seconds():g} s") from exc

    async def _preview_clock_changes(self) -> None:
        for label, start in (("spring", "2027-03-27T12:00:00Z"), ("autumn", "2027-10-30T12:00:00Z")):
            preview = await self._get("/triggers/nightly:preview", {"from": start, "count": 2})
            times = "  ".join(f"{fire['local']} ({fire['time']})" for fire in preview["fires"])
            self.report(f"nightly, 02:30 in Berlin, {label} 2027: {times}")

    async def _same_key_twice(self) -> None:
        body = {"project": PROJECT, "agent": "reviewer", "input": {"message": "A double click"}}
        answers = [await self._post_to("trigger", body, key="demo-double-click") for _ in range(2)]
        ids = {answer.json()["id"] for answer in answers}
        statuses = [answer.status_code for answer in answers]
        if len(ids) != 1 or statuses != [httpx.codes.ACCEPTED, httpx.codes.OK]:
            raise DemoFailed(f"the same Idempotency-Key gave {statuses} and the runs {sorted(ids)}")
        self.report(f"the same Idempotency-Key twice: answers {statuses}, one run {ids.pop()}")

    async def _kill_and_rescue(self) -> None:
        run = await self._run_of("long-job", until=lambda found: found["status"] == "running")
        while len(await self._events(run["id"])) < HALF_WAY:
            await anyio.sleep(POLL / 5)
        pid = self.session.stack.processes["run"].pid
        if pid is None:
            raise DemoFailed("the run function has no process to kill")
        os.killpg(pid, signal.SIGKILL)
        self.report(f"long-job: SIGKILL to the run function (process {pid}) after step {HALF_WAY}; its lease expires")
        self.killed.set()
        run = await self._run_of("long-job", until=_settled)
        attempts = ", ".join(f"attempt {attempt['number']} {attempt['status']}" for attempt in run["attempts"])
        if run["status"] != "succeeded" or run["attempts"][0]["status"] != "lost":
            raise DemoFailed(f"the killed run ended {run['status']} ({attempts})")
        self.report(f"long-job: rescued by the sweep: {attempts}")

    async def _digest_and_retry(self) -> None:
        run = await self._run_of("digest", until=_settled)
        if run["status"] != "succeeded":
            raise DemoFailed(f"the digest ended {run['status']}: {(run['error'] or {}).get('message')}")
        self.report(f"digest of {self.repository}: {run['result']['headline']}")
        for line in run["result"]["text"].splitlines():
            self.report(f"    {line}")
        answer = await self._post_to("retry", {"project": PROJECT, "run": run["id"], "model": "demo-large"})
        again = await self._run(answer.json()["id"], until=_settled)
        if again["result"]["model"] != "demo-large" or again["retry_of"] != run["id"]:
            raise DemoFailed(f"the retry by hand gave {again['result']}")
        models = f"{run['result']['model']} -> {again['result']['model']}"
        self.report(f"digest retried by hand with another model: {models}")

    async def _flaky(self) -> None:
        run = await self._run_of("flaky", until=_settled)
        if run["status"] != "succeeded":
            raise DemoFailed(f"the flaky agent ended {run['status']} after {run['attempt']} attempts")
        self.report(f"flaky: failed twice, succeeded on attempt {run['attempt']}")

    async def _writer(self) -> None:
        await self.killed.wait()
        await self.writer.show()

    async def _all_settled(self) -> None:
        await anyio.sleep(max(0.0, (self.until - SystemClock().now()).total_seconds()) + 1)
        while [run for run in await self.runs() if not _settled(run)]:
            await anyio.sleep(POLL)

    async def runs(self) -> list[dict[str, Any]]:
        """Return all runs of the project, latest first."""
        found: list[dict[str, Any]] = []
        token: str | None = ""
        while token is not None:
            page = await self._get("/runs", {"page_size": 100} | ({"page_token": token} if token else {}))
            found += page["runs"]
            token = page["next_page_token"]
        return found

    async def proofs(self) -> list[dict[str, Any]]:
        """Return the proof of every trigger, from the scenario's start to the end of the repeating triggers."""
        interval = {"from": instant_text(self.began), "to": instant_text(self.until), "occurrences": False}
        triggers = (await self._get("/triggers", {"page_size": 100}))["triggers"]
        return [await self._get(f"/triggers/{trigger['id']}:proof", interval) for trigger in triggers]

    async def _run_of(self, trigger: str, *, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            runs = (await self._get("/runs", {"trigger": trigger, "source": "schedule"}))["runs"]
            if runs:
                return await self._run(runs[0]["id"], until=until)
            await anyio.sleep(POLL)

    async def _run(self, identifier: str, *, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while not until(run := await self._get(f"/runs/{identifier}", {})):
            await anyio.sleep(POLL)
        return run

    async def _events(self, run: str) -> list[dict[str, Any]]:
        """Return what the run's agent has reported."""
        events = (await self._get(f"/runs/{run}/events", {}))["events"]
        return [event for event in events if not event["kind"].startswith("run.")]

    async def _get(self, path: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self.session.api.get(path, params=parameters)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def _post_to(self, function: str, body: Mapping[str, Any], *, key: str | None = None) -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await self.session.api.post(self.session.stack.urls[function], json=body, headers=headers)
        answer.raise_for_status()
        return answer


def _settled(run: dict[str, Any]) -> bool:
    return run["finished"] is not None
