"""What agents and definitions import from `tock`."""

import tock
from documentation.reference.markdown import code, joined, line, prose, table
from documentation.reference.python_objects import annotation, described, function
from documentation.reference.source import comments_of
from tock.ports.executor import AnyRunContext, Callback, GivenAnswer
from tock.ports.host import Message, Previous, PreviousFailure

_OUTCOMES = (tock.Succeeded, tock.Failed, tock.Waiting, tock.Continue, tock.Usage)
_WORDS = (tock.WaitFor, tock.OnDeadline)
_PARTS = (GivenAnswer, Callback, Message, Previous, PreviousFailure)


def page() -> str:
    """Return the page."""
    return joined(
        "# Agents and definitions in Python",
        "Every name is imported from `tock`. [Agents in Python](../agents/python.md) and "
        "[definitions](../guides/definitions.md) have examples.",
        "## Definitions",
        *(
            function(f"tock.{each.__name__}", each)
            for each in (tock.agent, tock.trigger, tock.cron, tock.every, tock.at)
        ),
        "## tock.RunContext",
        prose(tock.RunContext.__doc__ or ""),
        values(AnyRunContext),
        described(tock.RunContext, heading="###"),
        "## tock.SyncRunContext",
        described(tock.SyncRunContext, heading="###"),
        "## Outcomes",
        "An agent may return one of these in place of a plain result.",
        *(_described(f"tock.{each.__name__}", each, values(each)) for each in _OUTCOMES),
        *(_described(f"tock.{each.__name__}", each, _words(each)) for each in _WORDS),
        "## What a run has",
        *(_described(each.__name__, each, values(each)) for each in _PARTS),
    )


def _described(name: str, owner: type, members: str) -> str:
    return joined(f"### {name}", prose(owner.__doc__ or ""), members)


def values(owner: type) -> str:
    """Return the values of a class as a table: each with its type and its comment."""
    said = comments_of(owner)
    fields = {name: kind for name, kind in owner.__annotations__.items() if name != "host"}
    return table(
        ("value", "type", "meaning"),
        ((code(name), code(annotation(kind)), line(said.get(name, ""))) for name, kind in fields.items()),
    )


def _words(owner: type) -> str:
    said = comments_of(owner)
    return table(("word", "meaning"), ((code(name), line(text)) for name, text in said.items()))
