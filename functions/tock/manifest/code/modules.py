"""Reads what a Python module defines with `tock.agent` and `tock.trigger`."""

import importlib
import traceback
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tock.core.fields.types import LARGEST_OBJECT
from tock.core.json.value import NotJsonError, TooLargeError, require_json
from tock.definitions.registry import AgentDefinition, Definition, defined_in
from tock.definitions.schedules import Schedule
from tock.executors.python.agent_traceback import traceback_of
from tock.manifest.code.meant_argument import meant_argument
from tock.manifest.code.result_schema import result_schema
from tock.manifest.local_time import instant_of
from tock.manifest.problem import DefinitionsRefused, Problem
from tock.manifest.written import Kind, Written

#: Fields that hold free JSON.
_FREE = ("config", "payload")


def read_module(module: str, *, may_be_empty: bool = False) -> tuple[Written, ...]:
    """Import a module, and return what it and the modules below it define, in that order.

    Raises DefinitionsRefused, also if that is nothing, unless it may be empty.
    """
    try:
        importlib.import_module(module)
    except (Exception, SystemExit) as exc:
        raise DefinitionsRefused([_unimportable(module, exc)]) from exc
    found = defined_in(module)
    if not found and not may_be_empty:
        remedy = "defines no agent and no trigger: decorate a function with @tock.agent, or name the module that does"
        raise DefinitionsRefused([Problem(module, "", "", None, remedy)])
    resources: list[Written] = []
    problems: list[Problem] = []
    for definition in found:
        resource, wrong = written(definition)
        resources.append(resource)
        problems += wrong
    if problems:
        raise DefinitionsRefused(problems)
    return tuple(resources)


def written(definition: Definition) -> tuple[Written, list[Problem]]:
    """Return what a definition says, and what is wrong with those of its fields that only code can have."""
    fields, wrong = _fields(definition)
    kind = Kind.AGENT if isinstance(definition, AgentDefinition) else Kind.TRIGGER
    place = f"{definition.place.file}:{definition.place.line}"
    problems = [Problem(place, f"{kind} {definition.id}", field, None, remedy) for field, remedy in wrong]
    return Written(kind, fields, place=lambda _: place), problems


def _unimportable(module: str, exc: BaseException) -> Problem:
    if isinstance(exc, ModuleNotFoundError) and exc.name is not None and f"{module}.".startswith(f"{exc.name}."):
        remedy = "there is no such module: name it as Python imports it, from the folder that holds its package"
        return Problem(module, "", "", None, remedy)
    frames = traceback.extract_tb(exc.__traceback__)
    last = frames[-1] if frames else None
    place = f"{last.filename}:{last.lineno}" if last is not None else module
    meant = meant_argument(exc)
    remedy = f"the module {module} cannot be imported: {type(exc).__name__}: {exc}{meant}"
    return Problem(place, "", "", None, remedy, traceback=f"{traceback_of(exc)}{meant}")


def _fields(definition: Definition) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the fields as the API has them, and what is wrong with those that only code can have."""
    wrong: list[tuple[str, str]] = []
    fields = {"id": definition.id, **definition.fields}
    for name, holder in ((name, fields) for name in _FREE):
        _make_plain(holder, name, prefix="", wrong=wrong)
    if isinstance(given := fields.get("input"), Mapping):
        fields["input"] = dict(given)
        _make_plain(fields["input"], "payload", prefix="input.", wrong=wrong)
    if isinstance(definition, AgentDefinition):
        wrong += _callable_problems(definition)
        try:
            _add_schema(fields, result_schema(definition))
        except ValueError as exc:
            wrong.append(("output", str(exc)))
    else:
        if callable(fields.get("agent")):
            wrong.append(("agent", f"{fields['agent']!r} is no agent: decorate it with @tock.agent"))
        try:
            fields["schedule"] = _schedule(fields["schedule"])
        except ValueError as exc:
            wrong.append(("schedule", str(exc)))
    return fields, wrong


def _make_plain(holder: dict[str, Any], name: str, *, prefix: str, wrong: list[tuple[str, str]]) -> None:
    if name not in holder:
        return
    try:
        holder[name] = require_json(holder[name], max_bytes=LARGEST_OBJECT)
    except NotJsonError as exc:
        wrong.append((f"{prefix}{name}{exc.path}", exc.problem))
    except TooLargeError:
        wrong.append((f"{prefix}{name}", f"holds more than {LARGEST_OBJECT} bytes of JSON"))


def _callable_problems(definition: AgentDefinition) -> Iterator[tuple[str, str]]:
    if definition.function is None:
        return
    target = str(definition.fields["config"]["callable"])
    module, _, name = target.partition(":")
    if module == "__main__":
        yield "config.callable", "is in a script: put the agent in a module that can be imported"
    elif "." in name or name.startswith("_"):
        yield "config.callable", f"{name} is no public function of its module: define it at the module's top level"


def _add_schema(fields: dict[str, Any], schema: dict[str, Any] | None) -> None:
    evidence = fields.get("evidence", {})
    if schema is not None and isinstance(evidence, Mapping):
        fields["evidence"] = {"output_schema": schema, **evidence}


def _schedule(schedule: object) -> dict[str, Any]:
    if not isinstance(schedule, Schedule):
        raise ValueError(f"{schedule!r} is no schedule: write tock.cron(…), tock.every(…) or tock.at(…)")  # noqa: TRY004 - one kind of problem
    fields = dict(schedule.fields)
    match fields:
        case {"at": str() | datetime() as time, "time_zone": str() as time_zone}:
            return {"at": instant_of(time, time_zone=time_zone)}
    return fields
