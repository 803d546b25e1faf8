"""The other runs that a run has to do with, and how."""

import re
from collections.abc import Iterator

from tock.web.resources.runs.run import RunResource

#: As the overlap policy `replace` writes it.
_REPLACED = re.compile(r"replaced by run (\S+)")


def lineage(run: RunResource) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return how the run is related to others, in words, with the ids of those."""
    found = ((words, tuple(filter(None, runs))) for words, runs in _relations(run))
    return tuple((words, runs) for words, runs in found if runs)


def _relations(run: RunResource) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    yield "Repeats", (run.retry_of,)
    yield "Repeated by", run.retried_by
    yield "Goes on with", (run.resumed_from,)
    yield "Resumed by", (run.resumed_by,)
    yield "Works in the workspace of", (None if run.follow_up is None else run.follow_up.of,)
    yield "First of the chain", (None if run.root in {run.id, run.retry_of} else run.root,)
    yield "Waits behind" if not run.status.terminal else "Gave way to", (run.blocked_by,)
    yield "Replaced by", (_replaced_by(run),)
    yield "Followed by", (run.followed_by,)
    yield "Run before it", (run.previous,)


def _replaced_by(run: RunResource) -> str | None:
    found = _REPLACED.fullmatch(run.reason or "")
    return None if found is None else found[1]
