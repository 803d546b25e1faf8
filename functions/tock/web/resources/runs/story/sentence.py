"""Sentences about a run, in parts that whoever shows them writes in its reader's way."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Named:
    """Another resource that a sentence names."""

    #: `runs` or `triggers`.
    kind: str
    id: str


#: A text, a time, a length of time or the name of another resource.
Part = str | datetime | timedelta | Named
Sentence = tuple[Part, ...]


def run_named(run: str | None) -> Named:
    """Return the name of a run."""
    return Named("runs", run or "")


def words(status: str) -> str:
    """Return a status as words."""
    return status.replace("_", " ")
