"""The kinds of events that Tock itself adds to a run."""

from documentation.reference.markdown import code, joined, line, prose, table
from documentation.reference.source import comments_of
from tock.core.run.events.event_kind import EventKind


def page() -> str:
    """Return the page."""
    said = comments_of(EventKind)
    return joined(
        "# Events",
        prose(EventKind.__doc__ or ""),
        table(
            ("kind", "what happened, and what its data says"),
            ((code(kind), line(said[kind.name])) for kind in EventKind),
        ),
        "An agent's own events have the kinds that it gives them. One that begins with `run.` gets `agent.` in front. "
        "[What happens in a run](../guides/events.md) says how events are numbered and streamed.",
    )
