"""Lets a valid patch fit what is stored: its labels, and the kind of an agent."""

from typing import Any

from schemathesis import Case, HookContext

from conformance.contents import CALLABLES


def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Number the labels that a valid patch sets, and give its agent's kind a whole config.

    Labels merge with those of earlier patches, and all together must be no more than a resource may have. An earlier
    request may have given the agent another kind, whose config does not fit.
    """
    if case.meta is None or case.meta.generation.mode.is_negative or case.method != "PATCH":
        return
    if isinstance(case.body, dict) and isinstance(labels := case.body.get("labels"), dict):
        numbered = {name if value is None else str(place): value for place, (name, value) in enumerate(labels.items())}
        case.body = case.body | {"labels": numbered}
    if isinstance(case.body, dict) and "/agents/" in case.operation.path and case.body.keys() & {"kind", "config"}:
        config = {"callable": CALLABLES[0]} | (case.body.get("config") or {})
        case.body = case.body | {"kind": "python", "config": config}
