"""Claim a group of due triggers in one Commit, and enqueue their runs."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain

import anyio

from tock.app.enqueue import enqueue
from tock.app.find_run import find_run
from tock.app.log import log_event
from tock.app.services import Services
from tock.core.errors import CommitConflict, DocumentUnreadable, InvalidArgument, StoreUnavailable
from tock.core.trigger.claim import Claim, claim, disable
from tock.core.trigger.plan import plan
from tock.core.trigger.trigger import Trigger
from tock.ports.store import Change, Create, Versioned, Write

#: The most documents in one Commit. A Commit that the store refuses because of its bytes is halved.
MAX_WRITES = 400
#: How often a Commit is tried while the store does not answer; each try includes the client library's own retries.
TRIES = 2


async def claim_group(
    services: Services,
    triggers: Sequence[Versioned[Trigger]],
    *,
    look_ahead: timedelta,
    claimed_by: str,
) -> Counter[str]:
    """Claim the fire times of these triggers up to the look-ahead, and return the tick's counters for it.

    1. Plan each trigger; this is pure.
    2. In one Commit, change all triggers and create their runs, if no trigger was changed since it was read.
    3. If that conflicts, set aside the triggers that were changed and commit the others again. If none was changed,
       commit each alone, so that one conflict never stops the other claims. For a trigger that was changed, read once
       whether an earlier, unacknowledged try of this claim did it.
    4. Enqueue the runs that were committed.
    """
    now = services.clock.now()
    claims = [
        (trigger, _planned(services, trigger.value, now=now, look_ahead=look_ahead, claimed_by=claimed_by))
        for trigger in triggers
    ]
    tally: Counter[str] = Counter()
    won = []
    for batch in _batches(claims):
        won += await _commit(services, batch, tally=tally)
    for made in won:
        tally["claimed"] += len(made.queued)
        tally["missed"] += sum(run.missed.count for run in made.runs if run.missed is not None)
    queued = list(chain.from_iterable(made.queued for made in won))
    accepted = await enqueue(services, queued)
    tally["enqueued"] += accepted
    tally["failed"] += len(queued) - accepted
    tally["refused"] += len(queued) - accepted
    return tally


def _planned(services: Services, trigger: Trigger, *, now: datetime, look_ahead: timedelta, claimed_by: str) -> Claim:
    now = trigger.time_to_decide(now)
    decided = plan(trigger, now=now, look_ahead=look_ahead)
    return claim(trigger, decided, now=now, claimed_by=claimed_by, timing=services.timing)


async def _commit(
    services: Services, claims: Sequence[tuple[Versioned[Trigger], Claim]], *, tally: Counter[str]
) -> list[Claim]:
    for _ in range(TRIES):
        try:
            await services.store.commit(list(chain.from_iterable(_writes(*made) for made in claims)))
        except CommitConflict:
            break
        except InvalidArgument as exc:
            return await _in_halves(services, claims, problem=str(exc), tally=tally)
        except StoreUnavailable as exc:
            problem = str(exc)
        else:
            return [made for _, made in claims]
    else:
        # If the Commit was applied nevertheless, the sweep finds the runs by their check_at. If not, the triggers are
        # still due at the next tick.
        tally["failed"] += len(claims)
        log_event("claim_failed", level=logging.WARNING, triggers=len(claims), problem=problem)
        return []
    if len(claims) == 1:
        return await _look(services, *claims[0], tally=tally)
    unchanged, changed = await _split_by_change(services, claims)
    won = [await _look(services, *made, tally=tally) for made in changed]
    if changed:
        won += [await _commit(services, unchanged, tally=tally)] if unchanged else []
    else:
        won += [await _commit(services, [made], tally=tally) for made in unchanged]
    return list(chain.from_iterable(won))


async def _split_by_change(
    services: Services, claims: Sequence[tuple[Versioned[Trigger], Claim]]
) -> tuple[list[tuple[Versioned[Trigger], Claim]], list[tuple[Versioned[Trigger], Claim]]]:
    """Return the claims whose trigger is still as it was read, and those whose trigger was changed.

    A trigger that cannot be read counts as unchanged: the next Commit with it decides.
    """
    is_unchanged: dict[int, bool] = {}

    async def read(number: int, before: Versioned[Trigger]) -> None:
        try:
            found = await services.store.trigger(before.value.project, before.value.id)
        except (StoreUnavailable, DocumentUnreadable):
            is_unchanged[number] = True
        else:
            is_unchanged[number] = found is not None and found.version == before.version

    async with anyio.create_task_group() as tasks:
        for number, (before, _) in enumerate(claims):
            tasks.start_soon(read, number, before)
    unchanged = [made for number, made in enumerate(claims) if is_unchanged[number]]
    return unchanged, [made for number, made in enumerate(claims) if not is_unchanged[number]]


async def _in_halves(
    services: Services, claims: Sequence[tuple[Versioned[Trigger], Claim]], *, problem: str, tally: Counter[str]
) -> list[Claim]:
    """Commit claims that the store refuses together in two halves; disable a trigger whose claim alone it refuses."""
    middle = len(claims) // 2
    if middle:
        return [
            *await _commit(services, claims[:middle], tally=tally),
            *await _commit(services, claims[middle:], tally=tally),
        ]
    trigger, _ = claims[0]
    project, identifier = trigger.value.project, trigger.value.id
    disabled, revision = disable(trigger.value, problem=problem, now=services.clock.now())
    try:
        await services.store.commit([Change(before=trigger, after=disabled), Create(value=revision)])
    except (CommitConflict, StoreUnavailable):
        tally["failed"] += 1
        return []
    tally["disabled"] += 1
    log_event("trigger_disabled", level=logging.ERROR, project=project, trigger=identifier, problem=problem)
    return []


async def _look(services: Services, before: Versioned[Trigger], made: Claim, *, tally: Counter[str]) -> list[Claim]:
    """Return the claim if this call itself made it, in an unacknowledged try: its runs carry its `claimed_by`."""
    project, trigger = before.value.project, before.value.id
    if made.runs:
        try:
            created = await find_run(services, project=project, run=made.runs[0].id)
        except StoreUnavailable as exc:
            tally["failed"] += 1
            log_event("claim_failed", level=logging.WARNING, project=project, trigger=trigger, problem=str(exc))
            return []
        if created is not None and created.value.claimed_by == made.runs[0].claimed_by:
            return [made]
    tally["skipped"] += 1
    log_event("claim_lost", project=project, trigger=trigger)
    return []


def _writes(before: Versioned[Trigger], made: Claim) -> list[Write]:
    return [
        Change(before=before, after=made.trigger),
        *(Create(value=run) for run in made.runs),
    ]


def _batches(
    claims: Sequence[tuple[Versioned[Trigger], Claim]],
) -> list[list[tuple[Versioned[Trigger], Claim]]]:
    """Return the claims in batches of at most MAX_WRITES documents each."""
    batches: list[list[tuple[Versioned[Trigger], Claim]]] = [[]]
    size = 0
    for made in claims:
        writes = 1 + len(made[1].runs)
        if batches[-1] and size + writes > MAX_WRITES:
            batches.append([])
            size = 0
        batches[-1].append(made)
        size += writes
    return [batch for batch in batches if batch]
