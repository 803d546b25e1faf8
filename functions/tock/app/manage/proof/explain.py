"""Explain one time of a trigger: read its revisions and its record, and judge them as the proof does."""

from datetime import datetime, timedelta

from tock.app.manage.proof.occurrence_records import occurrence_records
from tock.app.services import Services
from tock.core.errors import InvalidArgument
from tock.core.proof.proof import prove, unprovable
from tock.core.proof.why import Why, why
from tock.core.time.instant import instant_text

#: The interval that holds one instant.
_INSTANT = timedelta(microseconds=1)


async def explain(services: Services, *, project: str, trigger: str, time: datetime) -> Why:
    """Return what became of the trigger at this time, past or to come; the trigger may be deleted.

    Raises NotFound when such a trigger does not exist and never did, InvalidArgument (`at`), StoreUnavailable.
    """
    now = services.clock.now()
    oldest = now - services.timing.retention + services.timing.look_ahead
    if time < oldest:
        remedy = f"lies before the oldest stored records: choose a time from {instant_text(oldest)} on"
        raise InvalidArgument(field="at", value=instant_text(time), remedy=remedy)
    until = time + _INSTANT
    found = await occurrence_records(
        services, project=project, trigger=trigger, since=time, until=until, back_to_change=True
    )
    if found.unreadable_revisions:
        problems = (
            f"the {each.kind} {each.id!r} cannot be read: {each.problem}" for each in found.unreadable_revisions
        )
        proof = unprovable(problems, since=time, until=until)
    else:
        proof = prove(
            found.revisions,
            found.runs,
            since=time,
            until=until,
            next_run_at=found.next_run_at,
            unreadable=found.unreadable,
        )
    return why(time, proof=proof, revisions=found.revisions, runs=found.runs, trigger=found.trigger, now=now)
