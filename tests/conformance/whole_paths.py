"""Keeps a request on its path: the library writes a list or an object into it without quoting what ends a path."""

from typing import Any

from schemathesis import Case, HookContext


def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Leave `?` and `#` out of path parameters that are no text: behind them nothing belongs to the path."""
    for name, value in (case.path_parameters or {}).items():
        if not isinstance(value, str):
            case.path_parameters[name] = str(value).replace("?", "").replace("#", "")
