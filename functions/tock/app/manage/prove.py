"""Prove a trigger: read its revisions and the records of its runs, and compare them for an interval."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from tock.app.manage.restore_trigger import restored_trigger
from tock.app.manage.stored import as_stored
from tock.app.services import Services
from tock.core.errors import InvalidArgument, NotFound, StoreUnavailable
from tock.core.proof.expected import expected_fire_times
from tock.core.proof.proof import Finding, Proof, prove, unprovable
from tock.core.run.run import Run, Snapshot
from tock.core.run.status import RunSource, RunStatus
from tock.core.time import instant_text
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import RunFilter, Versioned

#: The most occurrences in one proof: an answer of two megabytes, and some forty pages of runs.
MAX_OCCURRENCES = 10_000
#: The length of the interval if the request does not say where it begins.
USUAL_INTERVAL = timedelta(days=1)
#: How often a proof begins again because the trigger was edited meanwhile.
MAX_TRIES = 5
#: How many runs one query reads; each may have 64 KiB of payload.
PAGE = 300
_MISSED = frozenset({RunStatus.MISSED})
#: The most missed ranges that begin before the interval and are read.
MAX_RANGES = 20
#: How much further back revisions are read: clocks differ, and a revision's first fire time is after its `valid_from`.
MARGIN = timedelta(minutes=1)


async def prove_trigger(
    services: Services, *, project: str, trigger: str, since: datetime | None = None, until: datetime | None = None
) -> Proof:
    """Return the proof of a trigger's occurrences with `since <= fire time < until`; the trigger may be deleted.

    Without `until` the interval ends now; without `since` it covers a day, or less if the trigger is younger.

    1. Read the trigger first: if a tick claims after that, it only adds records of fire times that are due here.
    2. Read the missed ranges that reach into the interval, the revisions for all of it, and the records.
    3. If the trigger was edited, deleted or created meanwhile, begin again.

    A record that cannot be read, or a trigger that cannot, is a fault of the proof. If a revision cannot be read, the
    expected occurrences are not known, and that is all the proof says. Raises NotFound when such a trigger does not
    exist and never did, InvalidArgument (`from`, `to`), StoreUnavailable.
    """
    now = services.clock.now()
    last = now if until is None else until
    first = _checked_start(services, since, last=last, now=now)
    before = await _current(services, project, trigger)
    for _ in range(MAX_TRIES):
        ranges = await _ranges_into(services, project, trigger, since=first)
        # The proof counts a range again from its first fire time on, so it needs the revision in force there.
        oldest = min([first, *(run.missed.first for run in ranges.runs if run.missed is not None)])
        stored = await services.store.revisions(project, trigger, since=oldest - MARGIN)
        if before is None and not stored:
            raise NotFound("trigger", trigger)
        revisions = [revision for revision in stored if isinstance(revision, Revision)]
        if len(revisions) < len(stored):
            problems = [_problem(found) for found in stored if isinstance(found, Unreadable)]
            return unprovable(problems, since=first, until=last)
        if since is None and revisions and first < revisions[0].valid_from < last:
            first = revisions[0].valid_from
        _require_within_limit(revisions, since=first, until=last)
        records = await _records(services, project, trigger, since=first, until=last)
        after = await _current(services, project, trigger)
        if _version(before) == _version(after):
            proof = prove(
                revisions,
                [*records.runs, *ranges.runs],
                since=first,
                until=last,
                next_run_at=await _next_run_at(services, before),
                unreadable=records.unreadable | ranges.unreadable,
            )
            return _with_trigger(proof, before)
        before = after
    raise StoreUnavailable(f"The trigger {trigger!r} keeps changing: try again.")


def _checked_start(services: Services, since: datetime | None, *, last: datetime, now: datetime) -> datetime:
    """Return the start of the interval. Raises InvalidArgument unless all records of the interval are still stored."""
    # A run that was cancelled before its fire time expires that much sooner after it.
    oldest = now - services.timing.retention + services.timing.look_ahead
    if last > now:
        remedy = f"lies in the future: choose a time up to now ({instant_text(now)}), or leave it out"
        raise InvalidArgument(field="to", value=instant_text(last), remedy=remedy)
    if last <= oldest:
        remedy = f"lies before the oldest stored records: choose a time after {instant_text(oldest)}"
        raise InvalidArgument(field="to", value=instant_text(last), remedy=remedy)
    first = max(last - USUAL_INTERVAL, oldest) if since is None else since
    if first < oldest:
        remedy = f"lies before the oldest stored records: choose a time from {instant_text(oldest)} on"
        raise InvalidArgument(field="from", value=instant_text(first), remedy=remedy)
    if last <= first:
        remedy = f"is not before the end of the interval ({instant_text(last)}): give an earlier one, or a later `to`"
        raise InvalidArgument(field="from", value=instant_text(first), remedy=remedy)
    return first


async def _current(services: Services, project: str, trigger: str) -> Trigger | Unreadable | None:
    found = await as_stored(services.store.trigger(project, trigger))
    return found.value if isinstance(found, Versioned) else found


def _version(trigger: Trigger | Unreadable | None) -> tuple[object, ...]:
    """Return what every edit, deletion and creation changes, but no tick does."""
    match trigger:
        case Trigger():
            return trigger.generation, trigger.revision
        case Unreadable():
            return (trigger.version,)
        case _:
            return ()


async def _next_run_at(services: Services, trigger: Trigger | Unreadable | None) -> datetime | None:
    """Return the first fire time that no tick has claimed: a trigger that cannot be read still waits for it."""
    if isinstance(trigger, Unreadable):
        restored = await restored_trigger(services, trigger)
        return None if restored is None else restored.value.next_run_at
    return None if trigger is None else trigger.next_run_at


def _with_trigger(proof: Proof, trigger: Trigger | Unreadable | None) -> Proof:
    """Return the proof, with a fault if the trigger itself cannot be read: no tick can claim its fire times."""
    if not isinstance(trigger, Unreadable):
        return proof
    return replace(proof, unreadable=(Finding(None, None, _problem(trigger)), *proof.unreadable))


def _problem(found: Unreadable) -> str:
    return f"the {found.kind} {found.id!r} cannot be read: {found.problem}"


def _require_within_limit(revisions: Sequence[Revision], *, since: datetime, until: datetime) -> None:
    expected = expected_fire_times(revisions, since=since, until=until)
    beyond = next(islice(expected, MAX_OCCURRENCES, None), None)
    if beyond is not None:
        remedy = (
            f"the interval holds more than {MAX_OCCURRENCES} occurrences: "
            f"choose a `to` of at most {instant_text(beyond[0])}, or a later `from`"
        )
        raise InvalidArgument(field="to", value=instant_text(until), remedy=remedy)


@dataclass(frozen=True, slots=True)
class _Records:
    """Runs as they are stored, and what is wrong with each that cannot be read, by its id."""

    runs: list[Run]
    unreadable: dict[str, str]


async def _records(services: Services, project: str, trigger: str, *, since: datetime, until: datetime) -> _Records:
    matching = RunFilter(trigger=trigger, source=RunSource.SCHEDULE, since=since, until=until)
    found = _Records(runs=[], unreadable={})
    token: str | None = None
    while True:
        page = await services.store.runs(project, matching=matching, limit=PAGE, token=token)
        found.runs.extend(_slim(run) for run in page.items)
        found.unreadable.update(_problems(page.unreadable))
        if (token := page.next_token) is None:
            return found


async def _ranges_into(services: Services, project: str, trigger: str, *, since: datetime) -> _Records:
    """Return the missed ranges that begin before the interval and reach into it; only the newest few are read.

    Ranges do not overlap, so at most the newest one can reach into it, unless somebody has edited a record. If that one
    cannot be read, it may.
    """
    matching = RunFilter(trigger=trigger, source=RunSource.SCHEDULE, statuses=_MISSED, until=since)
    page = await services.store.runs(project, matching=matching, limit=MAX_RANGES, token=None)
    runs = [_slim(run) for run in page.items if run.missed is not None and run.missed.last >= since]
    if not page.unreadable:
        return _Records(runs, unreadable={})
    newest = await services.store.runs(project, matching=matching, limit=1, token=None)
    return _Records(runs, _problems(newest.unreadable))


def _problems(unreadable: Iterable[Unreadable]) -> dict[str, str]:
    return {found.id: found.problem for found in unreadable}


def _slim(run: Run) -> Run:
    """Return the run without its input and result: those of ten thousand runs may take a gigabyte."""
    return run.model_copy(update={"input": Snapshot(), "result": None})
