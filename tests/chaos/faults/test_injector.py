"""The faults: which count as injected, and which outages they leave."""

import os
import signal
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from chaos.faults.injector import Faults
from chaos.faults.outage import Cause
from chaos.faults.plan import Fault, Kind
from chaos.faults.proxy import Proxy
from chaos.faults.scripted_server import DISCONNECT, answer, serving
from chaos.rig import Rig
from tock.local.identity.token_issuer import TokenIssuer
from tock.local.process import Process, Restart
from tock.local.stack.stack import Stack
from tock.local.tcp_ports import unused_port
from waiting import until

pytestmark = pytest.mark.anyio

AT_ONCE = timedelta()


def silent(_name: str, _line: str = "") -> None:
    return


def the_faults(
    data: Path, *, tick: str = "", proxy: Proxy | None = None, instances: Mapping[str, Process] | None = None
) -> Faults:
    """Return the faults of a stack that consists of these parts only."""
    stack = Stack(data=data, entry_module=data, log=silent)
    stack.urls = {"tick": tick}
    rig = Rig(
        stack=stack,
        firestore="",
        firestore_proxy=proxy or Proxy(targets=()),
        instances=instances or {},
        urls={"tick": tick, "tick-2": tick},
        token_issuer=TokenIssuer.load(data),
        data=data,
        queues=(),
    )
    return Faults(rig=rig, tell=silent)


@pytest.mark.parametrize(
    ("answers", "counted"),
    [
        ([answer(200)], 1),
        ([DISCONNECT], 1),
        ([answer(200), answer(503)], 0),
        ([answer(401)], 0),
        ([answer(503)], 0),
    ],
    ids=["answered", "broken", "one answered", "refused", "unavailable"],
)
async def test_ticks_at_once_count_if_two_reached_somebody(answers: list[bytes], counted: int, tmp_path: Path) -> None:
    async with serving(*answers) as url:
        faults = the_faults(tmp_path, tick=url)

        await faults.carry_out([Fault(at=AT_ONCE, kind=Kind.CONCURRENT_TICKS, times=2)])

    assert faults.counts[Kind.CONCURRENT_TICKS] == counted


async def test_ticks_at_once_do_not_count_if_nobody_listens(tmp_path: Path) -> None:
    faults = the_faults(tmp_path, tick=f"http://127.0.0.1:{unused_port()}/")

    await faults.carry_out([Fault(at=AT_ONCE, kind=Kind.CONCURRENT_TICKS, times=2)])

    assert faults.counts[Kind.CONCURRENT_TICKS] == 0


@pytest.mark.parametrize("connected", [True, False])
async def test_a_reset_counts_if_there_was_a_connection(*, connected: bool, tmp_path: Path) -> None:
    async with serving(answer(200)) as url:
        proxy = Proxy(targets=[int(url.rstrip("/").rsplit(":", 1)[1])])
        async with proxy.serving(), AsyncExitStack() as calls:
            faults = the_faults(tmp_path, proxy=proxy)
            if connected:
                call = await anyio.connect_tcp("127.0.0.1", proxy.port)
                calls.push_async_callback(anyio.aclose_forcefully, call)
            await until(lambda: proxy.connections == connected)

            await faults.carry_out([Fault(at=AT_ONCE, kind=Kind.RESET)])

    assert faults.counts[Kind.RESET] == connected


@pytest.mark.parametrize("kind", [Kind.DELAY, Kind.RESET, Kind.BLACKHOLE, Kind.LOSE_RESPONSES])
async def test_a_network_fault_is_an_outage_of_all_instances(kind: Kind, tmp_path: Path) -> None:
    faults = the_faults(tmp_path)
    length = timedelta(milliseconds=50)

    await faults.carry_out([Fault(at=AT_ONCE, kind=kind, length=length)])

    [outage] = faults.outages
    assert (outage.cause, outage.name, outage.instance) == (Cause.NETWORK, kind.value, None)
    assert outage.ended is not None
    assert outage.ended - outage.began >= length.total_seconds() * 0.9
    assert outage.affected(7)


async def test_a_process_that_ends_by_itself_is_an_outage_and_one_that_was_killed_is_no_second(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    process = Process("run", command=command, environment=os.environ, log=silent, restart=Restart())
    await process.start()
    try:
        faults = the_faults(tmp_path, instances={"run": process})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(faults.watch)
            first = process.pid
            assert first is not None
            await until(lambda: faults.alive == {"run": first})
            os.kill(first, signal.SIGKILL)
            await until(lambda: faults.alive.get("run", first) != first)
            second = faults.alive["run"]

            await faults.carry_out([Fault(at=AT_ONCE, kind=Kind.KILL, target="run")])

            await until(lambda: faults.alive.get("run", second) != second)
            tasks.cancel_scope.cancel()
    finally:
        await process.stop()

    noted = [(outage.cause, outage.instance) for outage in faults.outages]
    assert noted == [(Cause.ENDED, first), (Cause.KILLED, second)]
