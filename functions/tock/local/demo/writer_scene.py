"""The scene of the writer: a run is watched live, steered and approved; then it is resumed with feedback."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import httpx

from tock.local.demo.failure import DemoFailed

#: What the writer is asked for, what somebody says meanwhile, and what it is told about its text afterwards.
TASK, STEER, FEEDBACK = "Announce the demo.", "Mention the proof.", "Thank the readers."
#: After how many lines of text somebody steers the writer: its runner listens by then.
LINES_BEFORE = 3
POLL = 0.2
#: Called with a run's id: yields what happens in the run, as lines, until it is settled.
Follow = Callable[[str], Iterator[str]]


@dataclass(frozen=True, slots=True)
class WriterScene:
    """One run of the scene; `report` is called with each line of output, and with each event of a run."""

    api: httpx.AsyncClient
    follow: Follow
    report: Callable[[str], None]
    report_event: Callable[[str], None]

    async def show(self) -> None:
        """Watch, steer, approve and resume. Raises DemoFailed."""
        first = await self._post("/agents/writer:run", {"input": {"message": TASK}})
        self.report(f"writer: run {first['id'][:8]}, as `tock runs follow` shows it live")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, first["id"])
            await self._steer(first["id"])
            await self._approve(first["id"])
        written = await self._result(first["id"], holds=[TASK, STEER])
        second = await self._post(f"/runs/{first['id']}:resume", {"feedback": FEEDBACK})
        self.report(f"writer: resumed with feedback; run {second['id'][:8]} goes on with the same conversation")
        await self._watch(second["id"])
        whole = await self._result(second["id"], holds=[FEEDBACK])
        if whole["lines"][: len(written["lines"])] != written["lines"]:
            raise DemoFailed(f"the resumed writer did not go on with what was written before: {whole['lines']}")
        lines = f"{len(written['lines'])} lines, then {len(whole['lines'])}"
        self.report(f"writer: steered, approved and resumed; {lines} in one conversation")

    async def _watch(self, run: str) -> None:
        def follow() -> None:
            for line in self.follow(run):
                anyio.from_thread.run_sync(self.report_event, line)

        await anyio.to_thread.run_sync(follow, abandon_on_cancel=True)

    async def _steer(self, run: str) -> None:
        while sum(event["kind"] == "line" for event in await self._events(run)) < LINES_BEFORE:
            await anyio.sleep(POLL)
        await self._post(f"/runs/{run}:steer", {"message": STEER})

    async def _approve(self, run: str) -> None:
        """Approve once the run waits, which costs no process meanwhile."""
        while (found := await self._get(f"/runs/{run}"))["status"] != "waiting":
            if found["finished"] is not None:
                raise DemoFailed(f"the writer asked nobody, and ended {found['status']}")
            await anyio.sleep(POLL)
        await self._post(f"/runs/{run}:approve", {"note": "Well written."})

    async def _result(self, run: str, *, holds: list[str]) -> dict[str, Any]:
        """Return what the run wrote. Raises DemoFailed unless it succeeded and the text has these lines."""
        found = await self._get(f"/runs/{run}")
        result: dict[str, Any] = found["result"] or {}
        if found["status"] != "succeeded" or not set(holds) <= set(result["lines"]):
            raise DemoFailed(f"the writer ended {found['status']} with {result}, which lacks one of {holds}")
        return result

    async def _events(self, run: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._get(f"/runs/{run}/events"))["events"]
        return found

    async def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.get(path)).raise_for_status().json()
        return found

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.post(path, json=body)).raise_for_status().json()
        return found
