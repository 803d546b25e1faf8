"""One chaos from an empty stack to its verdict."""

import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio
from google.api_core.exceptions import GoogleAPICallError
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient

from chaos.diary import read_diaries
from chaos.faults import Faults
from chaos.people import MANY, People
from chaos.performed import require_performance, require_room, require_set_up
from chaos.plan import Fault, Profile, make_plan, profile_for
from chaos.progress import Progress, look
from chaos.records import read_records
from chaos.report import evidence, table
from chaos.rig import Rig, rigged
from chaos.verdict import Witnessed, judge
from tock.bootstrap.system import SystemClock
from tock.core.errors import StoreUnavailable
from tock.core.timing import Timing
from tock.local.stack.function_environment import GOOGLE_PROJECT
from tock.store.firestore import FirestoreStore

_SHOWN_EVERY = 10.0
#: How long a machine that has other things to do may take for one read of the records.
_TIMEOUT = timedelta(minutes=2)
#: How long it takes to create the projects and agents, and each trigger, at the most; the triggers' last fire times are
#: counted from there.
_SETTING_UP = timedelta(seconds=10)
_SETTING_UP_EACH = timedelta(milliseconds=100)


class Interrupted(Exception):
    """A signal came, or a part that is never hurt ended; the message says which."""


@dataclass(frozen=True, slots=True)
class Script:
    """What is asked for."""

    seed: int
    length: timedelta
    triggers: int

    @property
    def profile(self) -> Profile:
        """How fast the engine is set."""
        return profile_for(self.length)

    @property
    def setting_up(self) -> timedelta:
        """The time reserved for creating everything."""
        return _SETTING_UP + self.triggers * _SETTING_UP_EACH


async def play(script: Script, *, data: Path, tell: Callable[[str], None], log: Callable[[str, str], None]) -> bool:
    """Return whether nothing was violated; say so, and what was, through `tell`.

    1. Start the stack and the load. 2. Carry out the faults, while people manage triggers. 3. Let everything settle.
    4. Judge.

    Raises Interrupted, NotPerformed, and LocalError when a part could not be started.
    """
    plan = make_plan(script.seed, length=script.length, profile=script.profile)
    require_room(plan)
    async with rigged(data=data, profile=script.profile, log=log) as rig, _reading(rig) as reading:
        return await _unless_stopped(rig, _play(script, plan, rig=rig, reading=reading, tell=tell))


@dataclass(frozen=True, slots=True)
class _Reading:
    """Firestore past the proxy."""

    client: AsyncClient
    store: FirestoreStore


@asynccontextmanager
async def _reading(rig: Rig) -> AsyncIterator[_Reading]:
    # Google's client finds an emulator by this variable alone.
    os.environ["FIRESTORE_EMULATOR_HOST"] = rig.firestore
    client = AsyncClient(project=GOOGLE_PROJECT, credentials=AnonymousCredentials())
    try:
        yield _Reading(client=client, store=FirestoreStore(client, shards=Timing().shards, timeout=_TIMEOUT))
    finally:
        del os.environ["FIRESTORE_EMULATOR_HOST"]
        client.close()


async def _unless_stopped(rig: Rig, work: Coroutine[None, None, bool]) -> bool:
    held, reason = False, ""
    async with anyio.create_task_group() as tasks:

        async def watch() -> None:
            nonlocal reason
            reason = await rig.stack.wait()
            tasks.cancel_scope.cancel()

        tasks.start_soon(watch)
        held = await work
        tasks.cancel_scope.cancel()
    if reason:
        raise Interrupted(reason)
    return held


async def _play(
    script: Script, plan: Sequence[Fault], *, rig: Rig, reading: _Reading, tell: Callable[[str], None]
) -> bool:
    since = SystemClock().now()
    epoch = since - timedelta(seconds=time.monotonic())
    end = since + script.setting_up + script.length
    people = People(urls=rig.urls, seed=script.seed, end=end, lease=script.profile.lease)
    faults = Faults(rig=rig, tell=lambda line: tell(f"          {line}"))
    await people.set_up(script.triggers)
    took = SystemClock().now() - since
    require_set_up(took, reserved=script.setting_up)
    tell(f"{script.triggers} triggers in {took.total_seconds():.1f} s, {len(plan)} faults planned, seed {script.seed}")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_show, reading, faults, tell)
        tasks.start_soon(faults.watch)
        async with anyio.create_task_group() as chaos:
            for number in range(MANY):
                chaos.start_soon(people.live, number)
            await faults.carry_out(plan)
            await anyio.sleep(max(0.0, (end - SystemClock().now()).total_seconds()))
            chaos.cancel_scope.cancel()
        tell("the faults are over; everything settles")
        settled = await _settle(reading, patience=script.profile.patience)
        tasks.cancel_scope.cancel()
    if not settled:
        tell(f"not everything settled within {script.profile.patience}")
    records = await read_records(reading.store, triggers=people.triggers, since=since)
    stints = read_diaries(rig.diaries)
    told = Witnessed(stints=stints, outages=faults.outages, answered=people.answered, epoch=epoch)
    verdict = judge(records, told, timing=script.profile.timing, since=since, until=end)
    for line in table(verdict, records, stints, faults=faults.counts, answers=people.answers):
        tell(line)
    for line in evidence(verdict, records, stints):
        tell(line)
    if not verdict.violations:
        require_performance(counts=verdict.counts, stints=stints, injected=faults.counts)
    tell(
        f"{'VIOLATED' if verdict.violations else 'HELD'}: {verdict.counts.total()} occurrences, "
        f"{len(records.runs)} runs, {sum(faults.counts.values())} faults, "
        f"{len(verdict.violations)} violations, seed {script.seed}"
    )
    return not verdict.violations


async def _show(reading: _Reading, faults: Faults, tell: Callable[[str], None]) -> None:
    began = time.monotonic()
    while True:
        await anyio.sleep(_SHOWN_EVERY)
        seen = await _seen(reading, ahead=timedelta())
        injected = " ".join(f"{kind.value}:{times}" for kind, times in faults.counts.items())
        counted = "Firestore is too busy to be counted"
        if seen is not None:
            counted = f"settled {seen.settled}, running {seen.running}, open {seen.open}"
            counted += f", overdue {seen.overdue}, due {seen.due}"
        tell(f"{time.monotonic() - began:6.0f} s  {counted}; {injected or 'no faults yet'}")


async def _settle(reading: _Reading, *, patience: timedelta) -> bool:
    """Return whether all runs came to their end, and nothing is due, in this time."""
    with anyio.move_on_after(patience.total_seconds()):
        while True:
            seen = await _seen(reading, ahead=timedelta(days=1))
            if seen is not None and not seen.open and not seen.due:
                return True
            await anyio.sleep(1)
    return False


async def _seen(reading: _Reading, *, ahead: timedelta) -> Progress | None:
    """Return the progress, with what falls due within `ahead`; None where the machine has no time for it."""
    try:
        return await look(reading.client, reading.store, now=SystemClock().now() + ahead)
    except (StoreUnavailable, GoogleAPICallError):
        return None
