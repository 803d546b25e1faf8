"""Prove a trigger: read its revisions and the records of its runs, and compare them for an interval."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from tock.app.manage.proof.occurrence_records import occurrence_records
from tock.app.services import Services
from tock.core.errors import InvalidArgument
from tock.core.proof.expected import expected_fire_times
from tock.core.proof.proof import Finding, Proof, prove, unprovable
from tock.core.time.instant import instant_text
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable

#: The most occurrences in one proof: an answer of two megabytes, and some forty pages of runs.
MAX_OCCURRENCES = 10_000
#: The length of the interval if the request does not say where it begins.
USUAL_INTERVAL = timedelta(days=1)


async def prove_trigger(
    services: Services, *, project: str, trigger: str, since: datetime | None = None, until: datetime | None = None
) -> Proof:
    """Return the proof of a trigger's occurrences with `since <= fire time < until`; the trigger may be deleted.

    Without `until` the interval ends now; without `since` it covers a day, or less if the trigger is younger.

    A record that cannot be read, or a trigger that cannot, is a fault of the proof. If a revision cannot be read, the
    expected occurrences are not known, and that is all the proof says. Raises NotFound when such a trigger does not
    exist and never did, InvalidArgument (`from`, `to`), StoreUnavailable.
    """
    now = services.clock.now()
    last = now if until is None else until
    first = _checked_start(services, since, last=last, now=now)

    def begin(revisions: Sequence[Revision]) -> datetime:
        begun = first
        if since is None and revisions and first < revisions[0].valid_from < last:
            begun = revisions[0].valid_from
        _require_within_limit(revisions, since=begun, until=last)
        return begun

    found = await occurrence_records(services, project=project, trigger=trigger, since=first, until=last, begin=begin)
    if found.unreadable_revisions:
        return unprovable(map(_problem, found.unreadable_revisions), since=first, until=last)
    proof = prove(
        found.revisions,
        found.runs,
        since=found.since,
        until=last,
        next_run_at=found.next_run_at,
        unreadable=found.unreadable,
    )
    return _with_trigger(proof, found.trigger)


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
