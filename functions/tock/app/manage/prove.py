"""Prove a trigger: every occurrence of an interval is accounted for, once, by what is stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from tock.app.services import Services
from tock.core.errors import InvalidArgument, NotFound, StoreUnavailable
from tock.core.proof.expected import expected_fire_times
from tock.core.proof.proof import Proof, prove
from tock.core.run.run import Run, Snapshot
from tock.core.run.status import RunSource, RunStatus
from tock.core.time import instant_text
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.ports.store import RunFilter

#: The most occurrences of one proof: two megabytes of answer, and some forty pages of runs.
MAX_OCCURRENCES = 10_000
#: How far back a proof goes when nobody says.
USUAL_INTERVAL = timedelta(days=1)
#: How often a proof begins again because the trigger was edited meanwhile.
MAX_TRIES = 5
#: Runs read at once; each may carry 64 KiB of payload.
PAGE = 300
#: The most ranges of missed fire times from before the interval that are looked at.
MAX_RANGES = 20
#: How much further back revisions are read: clocks differ, and a version's first fire time comes after its beginning.
MARGIN = timedelta(minutes=1)


async def prove_trigger(
    services: Services, *, project: str, trigger: str, since: datetime | None = None, until: datetime | None = None
) -> Proof:
    """Return the proof of a trigger's occurrences with `since <= fire time < until`, a deleted trigger's too.

    Without `until` it ends now; without `since` it covers a day, or less if the trigger is younger.

    1. What the trigger says is to come is read first: a tick may only add records to what it says.
    2. The ranges of missed fire times that reach into the interval, the revisions that all of it needs, its records.
    3. If it was edited, deleted or created meanwhile, begin again.

    Raises NotFound when there neither is nor was such a trigger, InvalidArgument (`from`, `to`), DocumentUnreadable,
    StoreUnavailable.
    """
    now = services.clock.now()
    last = now if until is None else until
    first = _first(services, since, last=last, now=now)
    before = await _current(services, project, trigger)
    for _ in range(MAX_TRIES):
        ranges = await _ranges_into(services, project, trigger, since=first)
        # A range is counted again from its first fire time on, by the version that was in force there.
        oldest = min([first, *(run.missed.first for run in ranges if run.missed is not None)])
        revisions = await services.store.revisions(project, trigger, since=oldest - MARGIN)
        if before is None and not revisions:
            raise NotFound("trigger", trigger)
        if since is None and revisions and first < revisions[0].valid_from < last:
            first = revisions[0].valid_from
        _require_few(revisions, since=first, until=last)
        runs = [*await _records(services, project, trigger, since=first, until=last), *ranges]
        after = await _current(services, project, trigger)
        if _version(before) == _version(after):
            following = None if before is None else before.next_run_at
            return prove(revisions, runs, since=first, until=last, next_run_at=following)
        before = after
    raise StoreUnavailable(f"The trigger {trigger!r} keeps changing: try again.")


def _first(services: Services, since: datetime | None, *, last: datetime, now: datetime) -> datetime:
    """Return the beginning of the interval. Raises InvalidArgument unless it can be proved from what is kept."""
    # A run that was cancelled before its fire time is kept that much less.
    oldest = now - services.timing.retention + services.timing.look_ahead
    if last > now:
        remedy = f"lies in the future: choose a time up to now ({instant_text(now)}), or leave it out"
        raise InvalidArgument(field="to", value=instant_text(last), remedy=remedy)
    if last <= oldest:
        remedy = f"lies before what is kept: choose a time after {instant_text(oldest)}"
        raise InvalidArgument(field="to", value=instant_text(last), remedy=remedy)
    first = max(last - USUAL_INTERVAL, oldest) if since is None else since
    if first < oldest:
        remedy = f"lies before what is kept: choose a time from {instant_text(oldest)} on"
        raise InvalidArgument(field="from", value=instant_text(first), remedy=remedy)
    if last <= first:
        remedy = f"is not before the end of the interval ({instant_text(last)}): give an earlier one, or a later `to`"
        raise InvalidArgument(field="from", value=instant_text(first), remedy=remedy)
    return first


async def _current(services: Services, project: str, trigger: str) -> Trigger | None:
    found = await services.store.trigger(project, trigger)
    return None if found is None else found.value


def _version(trigger: Trigger | None) -> tuple[int, int] | None:
    """What an edit, a deletion and a creation change, and a tick does not."""
    return None if trigger is None else (trigger.generation, trigger.revision)


def _require_few(revisions: Sequence[Revision], *, since: datetime, until: datetime) -> None:
    expected = expected_fire_times(revisions, since=since, until=until)
    beyond = next(islice(expected, MAX_OCCURRENCES, None), None)
    if beyond is not None:
        remedy = (
            f"the interval holds more than {MAX_OCCURRENCES} occurrences: "
            f"choose a `to` of at most {instant_text(beyond[0])}, or a later `from`"
        )
        raise InvalidArgument(field="to", value=instant_text(until), remedy=remedy)


async def _records(services: Services, project: str, trigger: str, *, since: datetime, until: datetime) -> list[Run]:
    matching = RunFilter(trigger=trigger, source=RunSource.SCHEDULE, since=since, until=until)
    found: list[Run] = []
    token: str | None = None
    while True:
        page = await services.store.runs(project, matching=matching, limit=PAGE, token=token)
        found += (_slim(run) for run in page.items)
        if (token := page.next_token) is None:
            return found


async def _ranges_into(services: Services, project: str, trigger: str, *, since: datetime) -> list[Run]:
    """Return the ranges that begin before the interval and reach into it, of the newest that begin before it.

    Ranges follow each other, so that the newest alone should; where somebody tampered with one, more may.
    """
    matching = RunFilter(trigger=trigger, source=RunSource.SCHEDULE, status=RunStatus.MISSED, until=since)
    page = await services.store.runs(project, matching=matching, limit=MAX_RANGES, token=None)
    return [_slim(run) for run in page.items if run.missed is not None and run.missed.last >= since]


def _slim(run: Run) -> Run:
    """Return the run without what its agent was given and gave back: ten thousand of those are a gigabyte."""
    return run.model_copy(update={"input": Snapshot(), "result": None})
