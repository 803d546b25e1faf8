"""Lets the filters of a valid request fit: the beginning of a run's id comes alone."""

from typing import Any

from schemathesis import Case, HookContext

_ALONE = "id_prefix"
_WITH_IT = frozenset({_ALONE, "page_size", "page_token"})


def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Leave `id_prefix` out of a valid request with other filters: OpenAPI cannot say that one excludes others."""
    if case.meta is None or case.meta.generation.mode.is_negative or not case.query:
        return
    if not case.query.keys() <= _WITH_IT:
        case.query.pop(_ALONE, None)
