"""The proof of a trigger for an interval, and what became of it at one time; the trigger may be deleted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.responses import Response

from tock.app.manage.proof.explain import explain
from tock.app.manage.proof.prove import prove_trigger
from tock.core.errors import InvalidArgument
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.schedule.past_fire_times import count_fire_times
from tock.core.trigger.trigger import Trigger
from tock.web.console.forms.local_time import field_text, instant_of, second_of
from tock.web.console.pages.triggers.found import heading_of, stored_trigger
from tock.web.console.reasons import reason_text
from tock.web.console.routing import get
from tock.web.console.visit import Visit
from tock.web.resources.triggers.proof import OccurrenceShape, ProofResource
from tock.web.resources.triggers.why import WhyResource

_DAY = timedelta(days=1)
#: An interval of so many occurrences is proved without being asked for. Price: a read for each.
_FEW = 300
#: The most occurrences and late starts that the page lists.
_MOST_LISTED = 100
#: The lengths of the intervals that are offered, up to now.
_DAYS = (1, 7, 30)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for in the fields of a form, and why it was refused, by the name of the field."""

    texts: dict[str, str]
    problems: dict[str, str]

    def instant(self, name: str, *, zone: ZoneInfo) -> datetime | None:
        """Return the time in a field; None if it is blank or was refused."""
        if not self.texts[name].strip():
            return None
        try:
            return instant_of(self.texts[name], zone=zone, field=name)
        except InvalidArgument as exc:
            self.problems[name] = exc.remedy
            return None


async def show_proof(visit: Visit) -> Response:
    """Show the proof of an interval, the last day if that has few occurrences, and the answer about one time."""
    query, zone = visit.request.query_params, visit.reader.zone
    asked = _Asked({name: query.get(name, "") for name in ("from", "to", "at")}, problems={})
    since, until, at = (asked.instant(name, zone=zone) for name in ("from", "to", "at"))
    if (days := query.get("days", "")) in set(map(str, _DAYS)):
        since = visit.now - int(days) * _DAY
    trigger = await stored_trigger(visit)
    why = None if at is None else await _why(visit, at, asked)
    is_asked = since is not None or until is not None
    proof = None
    if not asked.problems and (is_asked or (at is None and _has_few(trigger, now=visit.now))):
        proof = await _proof(visit, since=since, until=until, asked=asked)
    return visit.page(
        "triggers/detail/proof.html",
        status=400 if asked.problems else 200,
        trigger=visit.request.path_params["trigger"],
        exists=trigger is not None,
        head=await heading_of(visit, trigger),
        proof=proof,
        listed=() if proof is None else _listed(proof),
        most_listed=_MOST_LISTED,
        days=_DAYS,
        chosen=days,
        why=why,
        sentence=None if why is None else _sentence(visit, why),
        again=None if at is None else second_of(at, zone=zone),
        asked=asked,
        texts=asked.texts | ({} if proof is None else _interval(proof, visit)),
    )


async def _why(visit: Visit, at: datetime, asked: _Asked) -> WhyResource | None:
    trigger = visit.request.path_params["trigger"]
    try:
        found = await explain(visit.services, project=visit.project, trigger=trigger, time=at)
    except InvalidArgument as exc:
        asked.problems["at"] = exc.remedy
        return None
    return WhyResource.of(found, project=visit.project, trigger=trigger)


def _sentence(visit: Visit, why: WhyResource) -> Markup:
    """Return the answer as the rest of the page shows times and lengths, with the id of its run as a link to it."""
    text = reason_text(why.sentence, now=visit.now, zone=visit.reader.zone)
    if why.run is None:
        return Markup("{}").format(text)
    short = why.run[:8]
    before, found, after = text.partition(f"un {short}")
    link = Markup('un <a href="{}"><code>{}</code></a>').format(visit.path("runs", why.run), short) if found else ""
    return Markup("{}{}{}").format(before, link, after)


async def _proof(
    visit: Visit, *, since: datetime | None, until: datetime | None, asked: _Asked
) -> ProofResource | None:
    trigger = visit.request.path_params["trigger"]
    try:
        found = await prove_trigger(visit.services, project=visit.project, trigger=trigger, since=since, until=until)
    except InvalidArgument as exc:
        asked.problems[exc.field] = exc.remedy
        return None
    return ProofResource.of(found, project=visit.project, trigger=trigger, with_occurrences=True)


def _has_few(trigger: object, *, now: datetime) -> bool:
    """Whether the schedule has few fire times a day, so that the proof of the last day costs little."""
    return isinstance(trigger, Trigger) and count_fire_times(trigger.schedule, after=now - _DAY, until=now) <= _FEW


def _listed(proof: ProofResource) -> tuple[OccurrenceShape, ...]:
    """Return the newest occurrences that did not fire, newest first."""
    others = [each for each in proof.occurrences or () if each.status is not OccurrenceStatus.FIRED]
    return tuple(others[-_MOST_LISTED:][::-1])


def _interval(proof: ProofResource, visit: Visit) -> dict[str, str]:
    zone = visit.reader.zone
    return {"from": field_text(proof.since, zone=zone), "to": field_text(proof.until, zone=zone)}


ROUTES = (get("/projects/{project}/triggers/{trigger}/proof", show_proof),)
