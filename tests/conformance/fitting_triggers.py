"""Lets a valid request fit: fields of a trigger that depend on each other, and on the trigger that a patch changes."""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from schemathesis import Case, HookContext

from conformance.contents import IDS
from tock.core.fields.types import MaxParallel
from tock.core.policies import Overlap, SessionMode

_CRON = "0 9 * * *"
_MAX_PARALLEL = TypeAdapter[int | None](MaxParallel | None)
_OWN = frozenset(identifier for identifiers in IDS["trigger"].values() for identifier in identifiers)


def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Let the policies of a trigger, and the schedule of a valid patch, fit each other and what is stored.

    A request that is to be refused must not be refused for policies that each are valid and only do not fit.
    """
    if case.meta is None or not isinstance(case.body, dict):
        return
    if "/triggers" not in case.operation.path or case.method not in {"POST", "PUT", "PATCH"}:
        return
    valid = not case.meta.generation.mode.is_negative
    if valid or _each_valid(case.body):
        case.body = case.body | _policies(case.body)
    if valid and case.method == "PATCH":
        case.body = case.body | _schedule(case)


def _each_valid(body: dict[str, Any]) -> bool:
    """Tell whether each policy that `_policies` may replace is valid by itself."""
    try:
        _MAX_PARALLEL.validate_python(body.get("max_parallel"))
    except ValidationError:
        return False
    return body.get("overlap", "skip") in list(Overlap) and body.get("session", "new") in list(SessionMode)


def _policies(body: dict[str, Any]) -> dict[str, Any]:
    """Return what lets overlap, max_parallel and session agree; a patch may meet a trigger with any of them."""
    if body.get("max_parallel") is not None or body.get("overlap") == "parallel":
        return {"overlap": "parallel", "session": "new"}
    if body.keys() & {"overlap", "session"}:
        return {"overlap": body.get("overlap") or "skip", "max_parallel": None}
    return {}


def _schedule(case: Case) -> dict[str, Any]:
    """Return the schedule with its cron, unless the trigger is one of those that `contents` holds.

    Their schedules are cron schedules. With its cron the patch fits any other, too, and replaces it.
    """
    trigger = (case.path_parameters or {}).get("trigger")
    schedule = case.body.get("schedule")
    if trigger is None or trigger in _OWN or not isinstance(schedule, dict):
        return {}
    return {"schedule": {"cron": _CRON} | schedule}
