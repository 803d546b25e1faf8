"""Finds the Python callable that an agent's configuration names."""

import importlib
import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

from tock.core.errors import InvalidArgument
from tock.core.run.outcome import Failed
from tock.ports.executor import AnyRunContext

_TARGET = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<name>[A-Za-z]\w*)", re.ASCII)


def allowed_callable(target: object, *, modules: Sequence[str]) -> Callable[..., Any]:
    """Import and return the callable that `package.module:function` names.

    `modules` is what the deployment allows to the project: `acme.agents` allows that module, `acme.*` every module
    below acme.

    Raises:
        InvalidArgument: the name is malformed, or its module is not allowed, not importable or has no such callable.
    """
    match = _TARGET.fullmatch(target) if isinstance(target, str) else None
    if match is None:
        raise _refused(target, "write it as 'package.module:function', with a public function")
    if not _allows(modules, module=match["module"]):
        allowed = ", ".join(modules) or "none"
        raise _refused(
            target,
            f"the module {match['module']} is not allowed to this project: add it to TOCK_PYTHON_MODULES"
            f" (now: {allowed})",
        )
    return _imported(target, module=match["module"], name=match["name"])


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it gives something to await; a plain function that returns such a thing is not async."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def signature_failure(function: Callable[..., Any], *, context: AnyRunContext) -> Failed | None:
    """Return a failure if the callable does not take the run as its only argument, else None."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a callable written in C may have no readable signature
        return None
    try:
        signature.bind(context)
    except TypeError as exc:
        return Failed(
            type="TypeError",
            message=f"The agent must accept the run as its only argument: {exc}.",
            retryable=False,
        )
    return None


def _allows(modules: Sequence[str], *, module: str) -> bool:
    return any(module.startswith(entry[:-1]) if entry.endswith(".*") else module == entry for entry in modules)


def _imported(target: object, *, module: str, name: str) -> Callable[..., Any]:
    try:
        function = getattr(importlib.import_module(module), name)
    except AttributeError as exc:
        raise _refused(target, f"the module {module} does not provide {name}: {exc}") from exc
    except (Exception, SystemExit) as exc:
        raise _refused(target, f"the module {module} cannot be imported: {type(exc).__name__}: {exc}") from exc
    if not callable(function):
        raise _refused(target, f"{name} is not callable, it is of type {type(function).__name__}")
    return function  # type: ignore[no-any-return]  # callable() narrows Any to Any


def _refused(target: object, remedy: str) -> InvalidArgument:
    return InvalidArgument(field="config.callable", value=target, remedy=remedy)
