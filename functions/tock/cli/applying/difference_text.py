"""Prints a difference between definitions and a project, field by field, with the fire times that go and come."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tock.cli.output.printing import say
from tock.core.schedule.schedule_text import local_time_text
from tock.manifest.comparison.difference import Action, Change, Difference, FieldChange
from tock.manifest.comparison.fire_changes import FireChanges
from tock.web.errors import FieldError
from tock.web.problem_document import field_problem

_MARKS = {Action.CREATE: "+", Action.CHANGE: "~", Action.DELETE: "-"}
_STYLES = {Action.CREATE: "green", Action.CHANGE: "yellow", Action.DELETE: "red"}


def print_difference(found: Difference) -> None:
    """Print every change, what is refused, what is kept, and the counts."""
    for change in found.changes:
        place = f"  ({change.place})" if change.place else ""
        say(f"{_MARKS[change.action]} {change.kind} {change.id}{place}", style=_STYLES[change.action])
        for line in _lines(change):
            say(f"    {line}")
    for refused in found.refused:
        say(f"! {refused.kind} {refused.id}  ({refused.place})", style="red")
        say(f"    {refused.reason}")
    for kind, identifier in found.kept:
        say(f"  {kind} {identifier} is no longer defined: --prune deletes it")
    say(summary(found))


def summary(found: Difference) -> str:
    """Return the counts in one line."""
    counts = [f"{sum(change.action is action for change in found.changes)} to {action}" for action in Action]
    refused = f", {len(found.refused)} refused" if found.refused else ""
    return f"{', '.join(counts)}, {found.unchanged} unchanged{refused}."


def _lines(change: Change) -> Iterator[str]:
    for field in change.fields:
        after = _shown(field.field, field.after)
        yield f"{field.field}: {after}" if change.action is Action.CREATE else _step(field, after)
    if change.fires is not None:
        yield from _fire_lines(change.fires)


def _step(field: FieldChange, after: str) -> str:
    return f"{field.field}: {_shown(field.field, field.before)} → {after}"


def _fire_lines(fires: FireChanges) -> Iterator[str]:
    until = local_time_text(fires.until, time_zone=fires.time_zone)
    yield f"fire times until {until}: {fires.before} → {fires.after}"
    for word, count, first in (("go", fires.going, fires.first_going), ("come", fires.coming, fires.first_coming)):
        if count:
            more = f" and {count - len(first)} more" if count > len(first) else ""
            yield f"{count} {word}: {', '.join(_time(each, fires) for each in first)}{more}"


def _time(time: datetime, fires: FireChanges) -> str:
    return local_time_text(time, time_zone=fires.time_zone)


def _shown(field: str, value: Any) -> str:
    if isinstance(value, str | list | dict):
        value = field_problem(FieldError(field, value, "")).value
    return json.dumps(value, ensure_ascii=False)
