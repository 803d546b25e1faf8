"""Leaves out the secrets of agents in projects that requests created: the deployment has secrets of one project."""

from typing import Any

from schemathesis import Case, HookContext

from conformance.contents import PROJECT

_SECRETS = frozenset({"secret", "auth"})


def before_call(_context: HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    """Let a valid agent of another project than that of the secrets name none."""
    if case.meta is None or case.meta.generation.mode.is_negative or not isinstance(case.body, dict):
        return
    config = case.body.get("config")
    if (case.path_parameters or {}).get("project") != PROJECT and isinstance(config, dict):
        kept = {name: value for name, value in config.items() if name not in _SECRETS}
        case.body = case.body | {"config": kept}
