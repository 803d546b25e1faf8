"""Injects the faults of a plan into a running stack, and keeps the outages that they cause."""

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

from chaos.faults.outage import Cause, Outage
from chaos.faults.plan import Fault, Kind, instances
from chaos.faults.proxy import BLACKHOLE, NO_RESPONSES, NORMAL, Conditions
from chaos.rig import ACCOUNT, Rig
from tock.bootstrap.system_clock import SystemClock
from tock.local.process import Process

#: Kinds that are counted later, when it is known whether they had an effect.
_COUNTED_LATER = frozenset({Kind.CONCURRENT_TICKS, Kind.RESET})
#: Seconds between two looks whether a process has ended by itself.
_WATCH_EVERY = 0.1


@dataclass(slots=True)
class Faults:
    """Injects faults into a stack. However `carry_out` ends, no process is left stopped and no connection held back."""

    rig: Rig
    tell: Callable[[str], None]
    counts: Counter[Kind] = field(default_factory=Counter)
    outages: list[Outage] = field(default_factory=list)
    #: The process of each instance, as `watch` last saw it.
    alive: dict[str, int] = field(default_factory=dict)

    async def carry_out(self, plan: Sequence[Fault]) -> None:
        """Inject each fault at its time; return when the last one is over."""
        began = time.monotonic()
        try:
            async with anyio.create_task_group() as tasks:
                for fault in plan:
                    await anyio.sleep(max(0.0, began + fault.at.total_seconds() - time.monotonic()))
                    self._begin(fault, tasks=tasks)
        finally:
            self._recover()

    async def watch(self) -> None:
        """Keep an outage, until cancelled, of every instance that ends without having been killed."""
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
            await anyio.sleep(_WATCH_EVERY)

    def _was_killed(self, pid: int) -> bool:
        return any(outage.cause is Cause.KILLED and outage.instance == pid for outage in self.outages)

    def _begin(self, fault: Fault, *, tasks: TaskGroup) -> None:
        process = self._process_of(fault)
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
            case Kind.STOP | Kind.PAUSE_TICKS if process is not None:
                tasks.start_soon(self._stop, process, fault.length)
            case Kind.LOSE_TASKS:
                tasks.start_soon(self.rig.lose_tasks)
            case Kind.CONCURRENT_TICKS:
                tasks.start_soon(self._tick, fault.times)
            case _:
                tasks.start_soon(self._disturb_network, fault)

    def _process_of(self, fault: Fault) -> Process | None:
        if fault.kind is Kind.PAUSE_TICKS:
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

    async def _disturb_network(self, fault: Fault) -> None:
        proxy = self.rig.firestore_proxy
        outage = Outage(Cause.NETWORK, fault.kind.value, began=time.monotonic())
        self.outages.append(outage)
        try:
            match fault.kind:
                case Kind.DELAY:
                    proxy.set_conditions(Conditions(delay=timedelta(milliseconds=fault.times)))
                case Kind.BLACKHOLE:
                    proxy.set_conditions(BLACKHOLE)
                case Kind.LOSE_RESPONSES:
                    proxy.set_conditions(NO_RESPONSES)
            await anyio.sleep(fault.length.total_seconds())
            if fault.kind is not Kind.DELAY and not fault.passes:
                broken = proxy.reset()
                self.counts[Kind.RESET] += fault.kind is Kind.RESET and broken > 0
        finally:
            proxy.set_conditions(NORMAL)
            outage.ended = time.monotonic()

    async def _tick(self, times: int) -> None:
        """Send this many ticks at once, to the instances in turn; count it if at least two arrived."""
        targets = [self.rig.urls[name] for name in instances("tick")]
        audience = self.rig.stack.urls["tick"]
        token = self.rig.token_issuer.token(email=ACCOUNT, audience=audience, now=SystemClock().now())
        headers = {"Authorization": f"Bearer {token}"}
        arrived = 0

        async def tick(client: httpx.AsyncClient, url: str) -> None:
            nonlocal arrived
            try:
                answer = await client.post(url, content=b"{}", headers=headers)
            except (httpx.ReadError, httpx.RemoteProtocolError):
                # The tick arrived, and its instance died.
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
        self.counts[Kind.CONCURRENT_TICKS] += arrived > 1

    def _recover(self) -> None:
        for outage in self.outages:
            if outage.cause is Cause.STOPPED and outage.ended is None:
                _continue(outage)
        self.rig.firestore_proxy.set_conditions(NORMAL)


def _continue(outage: Outage) -> None:
    # The process may have been killed meanwhile.
    if outage.instance is not None:
        with suppress(ProcessLookupError):
            os.killpg(outage.instance, signal.SIGCONT)
    outage.ended = time.monotonic()
