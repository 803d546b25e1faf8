"""The difference between what a deployment should have and what it has: what to create, change and delete."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tock.core.agent.agent import MANAGED_BY, AgentSpec
from tock.core.json.canonical import canonical
from tock.core.schedule.schedule import Schedule
from tock.core.time.instant import Instant
from tock.core.trigger.trigger import PauseReason, TriggerSpec
from tock.manifest.comparison.fire_changes import FireChanges, Timetable, fire_changes
from tock.manifest.comparison.ownership import foreign_owner, owned_labels
from tock.manifest.entry import Entry, json_defaults
from tock.manifest.written import Kind

#: A resource as the API shows it.
Resource = Mapping[str, Any]
_SPECS: dict[Kind, type[AgentSpec] | type[TriggerSpec]] = {Kind.AGENT: AgentSpec, Kind.TRIGGER: TriggerSpec}
_SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)
_INSTANT: TypeAdapter[datetime | None] = TypeAdapter(Instant | None)
_ABSENT: Any = object()


class Action(StrEnum):
    """What is to be done with a resource."""

    #: It does not exist.
    CREATE = "create"
    #: It exists with other fields.
    CHANGE = "change"
    #: It is no longer defined.
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs, by its dotted path; None stands for a part that one of the two does not have."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done with one resource, and what the request for it needs."""

    action: Action
    kind: Kind
    id: str
    fields: tuple[FieldChange, ...] = ()
    fires: FireChanges | None = None
    #: Where it is defined; empty if it no longer is.
    place: str = ""
    #: The fields to send; those with their default are left out.
    body: Mapping[str, Any] | None = None
    #: The revision that was compared, for an If-Match.
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A resource that is left as it is, and why, with what to do."""

    kind: Kind
    id: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a project has: its agents and triggers, and the ids of those that cannot be read."""

    agents: Sequence[Resource]
    triggers: Sequence[Resource]
    unreadable: Mapping[Kind, frozenset[str]]

    def by_id(self, kind: Kind) -> dict[str, Resource]:
        """Return the resources of a kind."""
        return {each["id"]: each for each in (self.agents if kind is Kind.AGENT else self.triggers)}


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs, in the order in which it is applied."""

    changes: tuple[Change, ...]
    refused: tuple[Refused, ...]
    #: Resources of this owner that are no longer defined, if they are to be kept.
    kept: tuple[tuple[Kind, str], ...]
    #: How many resources are as they should be.
    unchanged: int


def difference(wanted: Sequence[Entry], deployed: Deployed, *, owner: str, prune: bool, now: datetime) -> Difference:
    """Return what differs between the definitions and the project.

    Agents are created and changed before triggers, and deleted after them. With `prune`, what `owner` created and no
    definition names is deleted. A trigger whose only fire time has passed is neither created nor enabled again.
    """
    changes: list[Change] = []
    refused: list[Refused] = []
    agents = {*deployed.by_id(Kind.AGENT), *(entry.id for entry in wanted if entry.kind is Kind.AGENT)}
    for kind in (Kind.AGENT, Kind.TRIGGER):
        current = deployed.by_id(kind)
        for entry in (entry for entry in wanted if entry.kind is kind):
            if entry.id in deployed.unreadable[kind]:
                refused.append(_refused(entry, "is stored, but cannot be read: delete it, then it can be created"))
                continue
            found = _compared(entry, current.get(entry.id), owner=owner, agents=agents, now=now)
            if isinstance(found, Change):
                changes.append(found)
            elif found is not None:
                refused.append(found)
    orphans = tuple(_orphans(wanted, deployed, owner=owner))
    if prune:
        changes += (_deletion(kind, resource, now=now) for kind, resource in orphans)
    touched = sum(change.action is not Action.DELETE for change in changes)
    return Difference(
        changes=tuple(changes),
        refused=tuple(refused),
        kept=() if prune else tuple((kind, resource["id"]) for kind, resource in orphans),
        unchanged=len(wanted) - touched - len(refused),
    )


def _compared(
    entry: Entry, current: Resource | None, *, owner: str, agents: Iterable[str], now: datetime
) -> Change | Refused | None:
    spec = entry.spec
    has = None if current is None else current.get("labels", {})
    other = None if current is None else foreign_owner(spec.labels, current=current.get("labels", {}), owner=owner)
    if isinstance(spec, TriggerSpec) and spec.agent not in agents:
        return _refused(entry, f"agent: {spec.agent!r} is neither defined here nor in the project: define it too")
    spec = spec.model_copy(update={"labels": owned_labels(spec.labels, current=has, owner=owner)})
    after = spec.model_dump(mode="json")
    if isinstance(spec, TriggerSpec) and spec.enabled:
        if current is not None and _is_exhausted_by(current, after):
            spec, after = spec.model_copy(update={"enabled": False}), {**after, "enabled": False}
        elif (timetable := _timetable(after)) is not None and next(timetable.fire_times(after=now), None) is None:
            return _refused(entry, "has no fire time after now: choose a later time, or set enabled to false")
    before = {} if current is None else _written_part(current, entry.kind)
    fields = tuple(_differing(before, after if current is not None else _sent(spec)))
    if current is not None and not fields:
        return None
    if other is not None:
        remedy = f"belongs to {other!r} by its label {MANAGED_BY}: apply it with --owner {other}, or write that label"
        return _refused(entry, remedy)
    return Change(
        action=Action.CREATE if current is None else Action.CHANGE,
        kind=entry.kind,
        id=entry.id,
        fields=fields,
        fires=_fires(current, after, kind=entry.kind, now=now),
        place=entry.place,
        body=_sent(spec),
        revision=None if current is None else current["revision"],
    )


def _sent(spec: AgentSpec | TriggerSpec) -> dict[str, Any]:
    sent: dict[str, Any] = spec.model_dump(mode="json", exclude_defaults=True)
    return sent


def _written_part(current: Resource, kind: Kind) -> dict[str, Any]:
    """Return the fields that an author writes; one that this server does not know has its default."""
    defaults = json_defaults(_SPECS[kind])
    return {name: current.get(name, defaults.get(name)) for name in _SPECS[kind].model_fields}


def _is_exhausted_by(current: Resource, after: Mapping[str, Any]) -> bool:
    """Whether the trigger has had all its fire times, and the definition names the same ones."""
    reason = (current.get("paused") or {}).get("reason")
    same = all(_same(current.get(name), after[name]) for name in ("schedule", "start", "end"))
    return reason == PauseReason.EXHAUSTED and same


def _differing(before: Mapping[str, Any], after: Mapping[str, Any], *, path: str = "") -> Iterator[FieldChange]:
    for name in (*before, *(name for name in after if name not in before)):
        old, new = before.get(name, _ABSENT), after.get(name, _ABSENT)
        field = f"{path}{name}"
        if isinstance(new, Mapping) and new and (old is _ABSENT or old is None):
            old = {}
        if isinstance(old, Mapping) and isinstance(new, Mapping) and (old or new):
            yield from _differing(old, new, path=f"{field}.")
        elif not _same(old, new):
            yield FieldChange(field, None if old is _ABSENT else old, None if new is _ABSENT else new)


def _same(one: Any, other: Any) -> bool:
    if one is _ABSENT or other is _ABSENT:
        return one is other
    # As texts: True is 1 in Python, but not in JSON.
    return json.dumps(canonical(one)) == json.dumps(canonical(other))


def _fires(current: Resource | None, after: Resource | None, *, kind: Kind, now: datetime) -> FireChanges | None:
    if kind is Kind.AGENT:
        return None
    return fire_changes(_timetable(current), _timetable(after), now=now)


def _timetable(trigger: Resource | None) -> Timetable | None:
    if trigger is None or not trigger["enabled"]:
        return None
    try:
        return Timetable(
            _SCHEDULE.validate_python(trigger["schedule"]),
            start=_INSTANT.validate_python(trigger.get("start")),
            end=_INSTANT.validate_python(trigger.get("end")),
        )
    except ValidationError:
        # A schedule that a newer server accepts.
        return None


def _orphans(wanted: Sequence[Entry], deployed: Deployed, *, owner: str) -> Iterator[tuple[Kind, Resource]]:
    """Yield what the owner created and no definition names, triggers before agents."""
    named = {(entry.kind, entry.id) for entry in wanted}
    for kind in (Kind.TRIGGER, Kind.AGENT):
        for identifier, resource in sorted(deployed.by_id(kind).items()):
            if resource.get("labels", {}).get(MANAGED_BY) == owner and (kind, identifier) not in named:
                yield kind, resource


def _deletion(kind: Kind, resource: Resource, *, now: datetime) -> Change:
    fires = _fires(resource, None, kind=kind, now=now)
    return Change(Action.DELETE, kind, resource["id"], fires=fires, revision=resource["revision"])


def _refused(entry: Entry, reason: str) -> Refused:
    return Refused(entry.kind, entry.id, entry.place, reason)
