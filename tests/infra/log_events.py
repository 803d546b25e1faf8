"""The events that the functions log, with the fields of each, as found in the source code."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from tock.core.health.scheduler_state import TickCounters

_SOURCE = Path(__file__).parents[2] / "functions" / "tock"
#: The fields that every line has (bootstrap/structured_logging.py), and every event of a run (app/log.py).
_OF_EVERY_LINE = frozenset({"severity", "message"})
_OF_A_RUN = frozenset({"project", "run", "trigger", "agent", "attempt", "status"})
#: Fields that a call passes as a mapping (`**counters.model_dump()`).
_MAPPINGS = {"tick_finished": frozenset(TickCounters.model_fields)}


@cache
def events() -> Mapping[str, frozenset[str]]:
    """Return the fields of every event, by its name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in sorted(_SOURCE.rglob("*.py")):
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for name, fields in _logged(function):
                    found[name] |= fields
    return {
        name: frozenset(fields) | _OF_EVERY_LINE | _MAPPINGS.get(name, frozenset()) for name, fields in found.items()
    }


def _logged(function: ast.AST) -> Iterator[tuple[str, set[str]]]:
    for call in ast.walk(function):
        if not isinstance(call, ast.Call) or not call.args:
            continue
        called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if called in {"log_event", "log_run_event", "error", "warning"}:
            fields = {keyword.arg for keyword in call.keywords if keyword.arg} - {"level", "extra"}
            for name in _names(call.args[0], function):
                yield name, fields | (_OF_A_RUN if called == "log_run_event" else set())


def _names(event: ast.expr, function: ast.AST) -> Iterator[str]:
    """Yield the name of the event, or every name that its variable is assigned in this function."""
    match event:
        case ast.Constant(value=str(name)):
            yield name
        case ast.IfExp(body=first, orelse=second):
            yield from _names(first, function)
            yield from _names(second, function)
        case ast.Name(id=variable):
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id == variable for target in node.targets
                ):
                    yield from _names(node.value, function)
