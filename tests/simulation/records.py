"""The stored documents as the Commits left them, indexed for the invariants."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.usage.day import UsageDay
from tock.ports.store import Write

Key = tuple[str, str]
#: How many of the runs of a trigger that ended last are remembered.
REMEMBERED = 50


@dataclass
class Records:
    """Every document as it is stored now."""

    runs: dict[Key, Run] = field(default_factory=dict)
    triggers: dict[Key, Trigger] = field(default_factory=dict)
    revisions: dict[Key, list[Revision]] = field(default_factory=lambda: defaultdict(list))
    #: The tokens that were added to the usage of each day, by project, agent and trigger.
    usage: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)
    locks: dict[Key, str] = field(default_factory=dict)
    #: The runs whose records were damaged: they stay in `runs` as they were.
    lost: set[Key] = field(default_factory=set)
    #: The run of each occurrence.
    occurrences: dict[tuple[str, str, datetime], Run] = field(default_factory=dict)
    #: The runs that have not ended, and those of the fire times of each trigger; its running and its held ones; the
    #: active ones of each subject.
    active: dict[Key, Run] = field(default_factory=dict)
    scheduled: dict[Key, dict[str, Run]] = field(default_factory=lambda: defaultdict(dict))
    running: dict[Key, dict[str, Run]] = field(default_factory=lambda: defaultdict(dict))
    held: dict[Key, dict[str, Run]] = field(default_factory=lambda: defaultdict(dict))
    subjects: dict[Key, dict[str, Run]] = field(default_factory=lambda: defaultdict(dict))
    #: The runs of the fire times of each trigger that ended last.
    ended: dict[Key, deque[Run]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=REMEMBERED)))

    def keep(self, run: Run) -> None:
        """Keep the run as it is stored now."""
        key = key_of(run)
        self.runs[key] = run
        _put(self.active, key, run, there=not run.status.terminal)
        if run.subject is not None:
            _put(self.subjects[run.project, run.subject], run.id, run, there=not run.status.terminal)
        if run.trigger is not None and run.source is RunSource.SCHEDULE:
            trigger = (run.project, run.trigger)
            _put(self.scheduled[trigger], run.id, run, there=not run.status.terminal)
            _put(self.running[trigger], run.id, run, there=run.status is RunStatus.RUNNING)
            _put(self.held[trigger], run.id, run, there=run.status is RunStatus.HELD)
            if run.status.terminal:
                self.ended[trigger].append(run)

    def lose(self, run: Run) -> None:
        """Forget a run whose record was damaged: nothing can be said of it any more."""
        self.lost.add(key_of(run))
        self.active.pop(key_of(run), None)

    def count(self, added: Iterable[UsageDay]) -> None:
        """Count what a Commit added to the usage of days."""
        for day in added:
            self.usage[day.project, day.agent, day.trigger] += day.input_tokens

    def waiting_before(self, run: Run) -> Iterator[str]:
        """Yield the held runs of its trigger's generation up to this one, itself included.

        Late ones take turns, and those in line wait for a slot: neither counts.
        """
        for other in self.held[run.project, run.trigger or ""].values():
            earlier = other.scheduled_for <= run.scheduled_for
            if earlier and other.generation == run.generation and not other.late and other.in_line is None:
                yield other.id

    def active_before(self, run: Run) -> Iterator[Run]:
        """Yield the runs of earlier fire times of the run's trigger that have not ended."""
        for other in self.scheduled[run.project, run.trigger or ""].values():
            if other.scheduled_for < run.scheduled_for:
                yield other

    def ended_before(self, run: Run, *, since: datetime) -> Iterator[Run]:
        """Yield the runs of earlier fire times of the run's trigger that have ended since then."""
        for other in self.ended[run.project, run.trigger or ""]:
            if other.scheduled_for < run.scheduled_for and other.finished is not None and other.finished >= since:
                yield other


def document_of(write: Write) -> Any:
    """Return the document that a write creates, changes or deletes."""
    return getattr(write, "after", None) or getattr(write, "value", None)


def key_of(document: Run | Trigger) -> Key:
    """Return the project and the id of a document."""
    return document.project, document.id


def _put(runs: dict[Any, Run], key: object, run: Run, *, there: bool) -> None:
    if there:
        runs[key] = run
    else:
        runs.pop(key, None)
