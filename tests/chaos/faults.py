"""The faults, carried out on a running stack one by one, and a journal of what was hurt when."""

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

from chaos.outage import Cause, Outage
from chaos.plan import Fault, Kind, instances
from chaos.proxy import DARK, FAIR, MUTE, Weather
from chaos.rig import ACCOUNT, Rig
from tock.bootstrap.system import SystemClock
from tock.local.process import Process

#: What counts only once it is seen to have reached somebody.
_COUNTED_LATER = frozenset({Kind.DOUBLE, Kind.RESET})
#: How often it is looked whether a process ended by itself.
_LOOKS = 0.1


@dataclass(slots=True)
class Faults:
    """Hurts the stack by a plan; whatever it started is over when `carry_out` returns, however it returns."""

    rig: Rig
    tell: Callable[[str], None]
    counts: Counter[Kind] = field(default_factory=Counter)
    outages: list[Outage] = field(default_factory=list)
    #: The process of each instance, as `watch` last saw it.
    alive: dict[str, int] = field(default_factory=dict)

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

    async def watch(self) -> None:
        """Note, until cancelled, every instance that ends without having been killed."""
        while True:
            for name, process in self.rig.instances.items():
                before, now = self.alive.get(name), process.pid
                if before is not None and before != now and not self._was_killed(before):
                    self.tell(f"{name} ended by itself")
                    self.outages.append(Outage(Cause.ENDED, name, began=time.monotonic(), instance=before))
                if now is not None:
                    self.alive[name] = now
                elif before is not None:
                    del self.alive[name]
            await anyio.sleep(_LOOKS)

    def _was_killed(self, pid: int) -> bool:
        return any(outage.cause is Cause.KILLED and outage.instance == pid for outage in self.outages)

    def _begin(self, fault: Fault, *, tasks: TaskGroup) -> None:
        process = self._victim(fault)
        if process is not None and (process.pid is None or self._is_stopped(process)):
            return
        if fault.kind not in _COUNTED_LATER:
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
            self.outages.append(Outage(Cause.KILLED, process.name, began=time.monotonic(), instance=pid))

    async def _stop(self, process: Process, length: timedelta) -> None:
        if (pid := process.pid) is None:
            return
        outage = Outage(Cause.STOPPED, process.name, began=time.monotonic(), instance=pid)
        os.killpg(pid, signal.SIGSTOP)
        self.outages.append(outage)
        try:
            await anyio.sleep(length.total_seconds())
        finally:
            _continue(outage)

    async def _turn(self, fault: Fault) -> None:
        weather = self.rig.weather
        outage = Outage(Cause.WEATHER, fault.kind.value, began=time.monotonic())
        self.outages.append(outage)
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
                broken = weather.reset()
                self.counts[Kind.RESET] += fault.kind is Kind.RESET and broken > 0
        finally:
            weather.turn(FAIR)
            outage.ended = time.monotonic()

    async def _tick(self, times: int) -> None:
        """Tick that often at once, at the instances in turn; it counts if two were answered, or died at it."""
        targets = [self.rig.urls[name] for name in instances("tick")]
        audience = self.rig.stack.urls["tick"]
        token = self.rig.identity.token(email=ACCOUNT, audience=audience, now=SystemClock().now())
        headers = {"Authorization": f"Bearer {token}"}
        arrived = 0

        async def tick(client: httpx.AsyncClient, url: str) -> None:
            nonlocal arrived
            try:
                answer = await client.post(url, content=b"{}", headers=headers)
            except (httpx.ReadError, httpx.RemoteProtocolError):
                # The instance died while it ticked.
                arrived += 1
            except httpx.HTTPError:
                return
            else:
                arrived += answer.is_success

        async with (
            httpx.AsyncClient(timeout=30, trust_env=False) as client,
            anyio.create_task_group() as tasks,
        ):
            for number in range(times):
                tasks.start_soon(tick, client, targets[(number + 1) % len(targets)])
        self.counts[Kind.DOUBLE] += arrived > 1

    def _recover(self) -> None:
        for outage in self.outages:
            if outage.cause is Cause.STOPPED and outage.ended is None:
                _continue(outage)
        self.rig.weather.turn(FAIR)


def _continue(outage: Outage) -> None:
    # A process that was killed meanwhile needs no more.
    if outage.instance is not None:
        with suppress(ProcessLookupError):
            os.killpg(outage.instance, signal.SIGCONT)
    outage.ended = time.monotonic()
