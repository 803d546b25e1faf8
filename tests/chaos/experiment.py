"""One chaos experiment: from an empty stack to the verdict."""

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

from chaos.checks.conclusive import require_conclusive, require_every_kind, require_life, require_set_up
from chaos.checks.verdict import Observations, judge
from chaos.faults.injector import Faults
from chaos.faults.plan import Fault, Profile, make_plan, profile_for
from chaos.load.people import PEOPLE, People
from chaos.load.repository import kept_texts
from chaos.load.talkers import Talkers
from chaos.load.work_log import read_notes, read_work_logs
from chaos.processes import left_processes
from chaos.progress import Progress, look
from chaos.records import read_records
from chaos.report import evidence, table
from chaos.rig import Rig, chaos_rig
from tock.bootstrap.system_clock import SystemClock
from tock.core.errors import StoreUnavailable
from tock.core.timing import Timing
from tock.local.stack.function_environment import GOOGLE_PROJECT
from tock.store.firestore import FirestoreStore

#: Seconds between two lines of progress.
_PROGRESS_EVERY = 10.0
#: How long one read of the records may take on a busy machine.
_TIMEOUT = timedelta(minutes=2)
#: The time reserved for creating projects and agents, and for each trigger. The last fire times come that much later.
_SETTING_UP = timedelta(seconds=10)
_SETTING_UP_EACH = timedelta(milliseconds=100)


class Interrupted(Exception):
    """A signal came, or a part ended in which no faults are injected; the message says which."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of an experiment."""

    seed: int
    length: timedelta
    triggers: int

    @property
    def profile(self) -> Profile:
        """The times of the engine and of the faults."""
        return profile_for(self.length)

    @property
    def setting_up(self) -> timedelta:
        """The time reserved for creating everything."""
        return _SETTING_UP + self.triggers * _SETTING_UP_EACH


async def run_experiment(
    settings: Settings, *, data: Path, tell: Callable[[str], None], log: Callable[[str, str], None]
) -> bool:
    """Return whether every guarantee held; report progress and violations through `tell`.

    1. Start the stack and create the triggers.
    2. Inject the faults, while people manage triggers and runs.
    3. Wait until every run has ended.
    4. Compare the records with the work logs.

    Raises Interrupted, Inconclusive, and LocalError if a part cannot be started.
    """
    plan = make_plan(settings.seed, length=settings.length, profile=settings.profile)
    require_every_kind(plan)
    async with chaos_rig(data=data, profile=settings.profile, log=log) as rig, _reading(rig) as reading:
        return await _unless_stopped(rig, _run(settings, plan, rig=rig, reading=reading, tell=tell))


@dataclass(frozen=True, slots=True)
class _Reading:
    """Clients of Firestore that bypass the proxy."""

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


async def _run(
    settings: Settings, plan: Sequence[Fault], *, rig: Rig, reading: _Reading, tell: Callable[[str], None]
) -> bool:
    since = SystemClock().now()
    epoch = since - timedelta(seconds=time.monotonic())
    end = since + settings.setting_up + settings.length
    talkers = Talkers(rig.run_tokens)
    people = People(urls=rig.urls, seed=settings.seed, end=end, lease=settings.profile.lease, talkers=talkers)
    faults = Faults(rig=rig, tell=lambda line: tell(f"          {line}"))
    await people.set_up(settings.triggers)
    took = SystemClock().now() - since
    require_set_up(took, reserved=settings.setting_up)
    created = f"{settings.triggers} triggers created in {took.total_seconds():.1f} s"
    tell(f"{created}, {len(plan)} faults planned, seed {settings.seed}")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_show, reading, faults, tell)
        tasks.start_soon(faults.watch)
        async with anyio.create_task_group() as chaos:
            for number in range(PEOPLE):
                chaos.start_soon(people.act, number)
            await faults.carry_out(plan)
            await anyio.sleep(max(0.0, (end - SystemClock().now()).total_seconds()))
            chaos.cancel_scope.cancel()
        tell("no more faults; waiting until every run has ended")
        settled = await _settle(reading, within=settings.profile.settle_timeout)
        tasks.cancel_scope.cancel()
    if not settled:
        tell(f"not every run ended within {settings.profile.settle_timeout}")
    records = await read_records(reading.store, triggers=people.triggers, since=since)
    spans = read_work_logs(rig.work_logs)
    notes = read_notes(rig.work_logs)
    observations = Observations(
        spans=spans,
        outages=faults.outages,
        answered=people.answered,
        epoch=epoch,
        notes=notes,
        accepted=talkers.accepted,
        sent=talkers.sent,
        kept=await anyio.to_thread.run_sync(kept_texts, rig.repository),
        processes=await left_processes(str(rig.data)),
    )
    verdict = judge(records, observations, timing=settings.profile.timing, since=since, until=end)
    for line in table(verdict, records, spans, faults=faults.counts, answers=people.answers):
        tell(line)
    for line in evidence(verdict, records, spans):
        tell(line)
    if not verdict.violations:
        require_conclusive(counts=verdict.counts, spans=spans, injected=faults.counts)
        require_life(records.runs, notes)
    tell(
        f"{'VIOLATED' if verdict.violations else 'HELD'}: {verdict.counts.total()} occurrences, "
        f"{len(records.runs)} runs, {sum(faults.counts.values())} faults, "
        f"{len(verdict.violations)} violations, seed {settings.seed}"
    )
    return not verdict.violations


async def _show(reading: _Reading, faults: Faults, tell: Callable[[str], None]) -> None:
    began = time.monotonic()
    while True:
        await anyio.sleep(_PROGRESS_EVERY)
        seen = await _seen(reading, ahead=timedelta())
        injected = " ".join(f"{kind.value}:{times}" for kind, times in faults.counts.items())
        counted = "Firestore is too busy to count"
        if seen is not None:
            counted = f"settled {seen.settled}, running {seen.running}, open {seen.open}"
            counted += f", overdue {seen.overdue}, due {seen.due}"
        tell(f"{time.monotonic() - began:6.0f} s  {counted}; {injected or 'no faults yet'}")


async def _settle(reading: _Reading, *, within: timedelta) -> bool:
    """Return True once every run has ended and nothing is due, False if that takes longer than `within`."""
    with anyio.move_on_after(within.total_seconds()):
        while True:
            seen = await _seen(reading, ahead=timedelta(days=1))
            if seen is not None and not seen.open and not seen.due:
                return True
            await anyio.sleep(1)
    return False


async def _seen(reading: _Reading, *, ahead: timedelta) -> Progress | None:
    """Return the progress, with what falls due within `ahead`; None if Firestore does not answer in time."""
    try:
        return await look(reading.client, reading.store, now=SystemClock().now() + ahead)
    except (StoreUnavailable, GoogleAPICallError):
        return None
