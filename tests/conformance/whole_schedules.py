"""Lets a patch fit a trigger that an earlier request created: a part of a schedule fits one kind of schedule only."""

from typing import Any

from schemathesis import Case, HookContext

from conformance.contents import IDS

_CRON = "0 9 * * *"
_OWN = frozenset(identifier for identifiers in IDS["trigger"].values() for identifier in identifiers)


def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Give the schedule of a valid patch its cron, unless the trigger is one of those that `contents` holds.

    Their schedules are cron schedules. With its cron the patch fits any other, too, and replaces it.
    """
    if case.meta is None or case.meta.generation.mode.is_negative or case.method != "PATCH":
        return
    trigger = (case.path_parameters or {}).get("trigger")
    schedule = case.body.get("schedule") if isinstance(case.body, dict) else None
    if trigger is not None and trigger not in _OWN and isinstance(schedule, dict):
        case.body = case.body | {"schedule": {"cron": _CRON} | schedule}
