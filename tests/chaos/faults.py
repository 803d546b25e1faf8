"""The faults, carried out on a running stack one by one, and a journal of which process was hurt when."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import anyio
import httpx
from anyio.abc import TaskGroup

from chaos.plan import Fault, Kind, instances
from chaos.proxy import DARK, FAIR, MUTE, Weather
from chaos.rig import ACCOUNT, Rig
from tock.bootstrap.world import SystemClock
from tock.local.process import Process


@dataclass(slots=True)
class Outage:
    """A process group that was stopped for a while, or killed; times in seconds of the monotonic clock."""

    instance: int
    name: str
    killed: bool
    began: float
    #: None while it lasts; a kill lasts for ever.
    ended: float | None = None


@dataclass(slots=True)
class Faults:
    """Hurts the stack by a plan; whatever it started is over when `carry_out` returns, however it returns."""

    rig: Rig
    tell: Callable[[str], None]
    counts: Counter[Kind] = field(default_factory=Counter)
    outages: list[Outage] = field(default_factory=list)

    async def carry_out(self, plan: Sequence[Fault]) -> None:
        """Do what the plan says, each fault in its time; return when the last one is over."""
        began = time.monotonic()
        try:
            async with anyio.create_task_group() as tasks:
                for fault in plan:
                    await anyio.sleep(max(0.0, began + fault.at.total_seconds() - time.monotonic()))
                    self._begin(fault, tasks=tasks)
        finally:
            self._recover()

    def _begin(self, fault: Fault, *, tasks: TaskGroup) -> None:
        process = self._victim(fault)
        if process is not None and (process.pid is None or self._is_stopped(process)):
            return
        self.counts[fault.kind] += 1
        target = f" {fault.target}" if fault.target else ""
        length = f" for {fault.length.total_seconds():.0f} s" if fault.length else ""
        self.tell(f"{fault.kind}{target}{length}")
        match fault.kind:
            case Kind.KILL if process is not None:
                self._kill(process)
            case Kind.STOP | Kind.WITHHOLD if process is not None:
                tasks.start_soon(self._stop, process, fault.length)
            case Kind.FORGET:
                tasks.start_soon(self.rig.forget_tasks)
            case Kind.DOUBLE:
                tasks.start_soon(self._tick, fault.times)
            case _:
                tasks.start_soon(self._turn, fault)

    def _victim(self, fault: Fault) -> Process | None:
        if fault.kind is Kind.WITHHOLD:
            return self.rig.stack.processes["ticker"]
        return self.rig.instances.get(fault.target)

    def _is_stopped(self, process: Process) -> bool:
        return any(outage.instance == process.pid and outage.ended is None for outage in self.outages)

    def _kill(self, process: Process) -> None:
        if (pid := process.pid) is not None:
            os.killpg(pid, signal.SIGKILL)
            self.outages.append(Outage(instance=pid, name=process.name, killed=True, began=time.monotonic()))

    async def _stop(self, process: Process, length: timedelta) -> None:
        if (pid := process.pid) is None:
            return
        outage = Outage(instance=pid, name=process.name, killed=False, began=time.monotonic())
        os.killpg(pid, signal.SIGSTOP)
        self.outages.append(outage)
        try:
            await anyio.sleep(length.total_seconds())
        finally:
            _continue(outage)

    async def _turn(self, fault: Fault) -> None:
        weather = self.rig.weather
        try:
            match fault.kind:
                case Kind.DELAY:
                    weather.turn(Weather(delay=timedelta(milliseconds=fault.times)))
                case Kind.DARK:
                    weather.turn(DARK)
                case Kind.MUTE:
                    weather.turn(MUTE)
            await anyio.sleep(fault.length.total_seconds())
            if fault.kind is not Kind.DELAY and not fault.passes:
                weather.reset()
        finally:
            weather.turn(FAIR)

    async def _tick(self, times: int) -> None:
        """Tick that often at once, at the instances in turn; an answer is not waited for long."""
        targets = [self.rig.urls[name] for name in instances("tick")]
        audience = self.rig.stack.urls["tick"]
        token = self.rig.identity.token(email=ACCOUNT, audience=audience, now=SystemClock().now())
        headers = {"Authorization": f"Bearer {token}"}

        async def tick(client: httpx.AsyncClient, url: str) -> None:
            with suppress(httpx.HTTPError):
                await client.post(url, content=b"{}", headers=headers)

        async with (
            httpx.AsyncClient(timeout=30, trust_env=False) as client,
            anyio.create_task_group() as tasks,
        ):
            for number in range(times):
                tasks.start_soon(tick, client, targets[(number + 1) % len(targets)])

    def _recover(self) -> None:
        for outage in self.outages:
            if not outage.killed and outage.ended is None:
                _continue(outage)
        self.rig.weather.turn(FAIR)


def _continue(outage: Outage) -> None:
    # A process that was killed meanwhile needs no more.
    with suppress(ProcessLookupError):
        os.killpg(outage.instance, signal.SIGCONT)
    outage.ended = time.monotonic()
