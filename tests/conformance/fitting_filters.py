"""Lets the parameters of a valid request fit: a run's `id_prefix` comes alone, `cancel` not without triggers."""

from typing import Any

from schemathesis import Case, HookContext

_ALONE = "id_prefix"
_WITH_IT = frozenset({_ALONE, "page_size", "page_token"})


def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Leave out of a valid request what another parameter excludes, which OpenAPI cannot say.

    That is `id_prefix` with other filters, and `cancel` of an agent that is deleted without its triggers.
    """
    if case.meta is None or case.meta.generation.mode.is_negative or not case.query:
        return
    if not case.query.keys() <= _WITH_IT:
        case.query.pop(_ALONE, None)
    if case.operation.path.endswith("/agents/{agent}") and str(case.query.get("with_triggers")).lower() != "true":
        case.query.pop("cancel", None)
