"""Tests agents and schedules: one agent without any server, fire times, and a whole stack whose clock can be moved.

It works with pytest and without. Each name is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tock.core.run.events.event import Event
    from tock.ports.host import Previous, PreviousFailure
    from tock.testing.agent_run import arun, run
    from tock.testing.answers import GivenByTest, approve, call_back, no_answer, reject, reply
    from tock.testing.result import Result
    from tock.testing.running_stack import Stack, stack
    from tock.testing.timetable import fire_times

__all__ = [
    "Event",
    "GivenByTest",
    "Previous",
    "PreviousFailure",
    "Result",
    "Stack",
    "approve",
    "arun",
    "call_back",
    "fire_times",
    "no_answer",
    "reject",
    "reply",
    "run",
    "stack",
]

#: The names of each module.
_NAMES = {
    "tock.core.run.events.event": ("Event",),
    "tock.ports.host": ("Previous", "PreviousFailure"),
    "tock.testing.answers": ("GivenByTest", "approve", "call_back", "no_answer", "reject", "reply"),
    "tock.testing.timetable": ("fire_times",),
    "tock.testing.result": ("Result",),
    "tock.testing.agent_run": ("arun", "run"),
    "tock.testing.running_stack": ("Stack", "stack"),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a name from its module, when it is first used (PEP 562)."""
    if (module := _MODULES.get(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}: it has {', '.join(__all__)}")
    value = globals()[name] = getattr(import_module(module), name)
    return value


def __dir__() -> list[str]:
    """Return all names, also those that were not used yet."""
    return sorted({*globals(), *_MODULES})
