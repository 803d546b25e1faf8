"""Overlap policies over random sequences of occurrences, which move as `decide` says."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import accumulate, count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.builders import NOON, TIMING, a_run
from tock.core.policies import Overlap
from tock.core.run import transition
from tock.core.run.admission.overlap import Hold, Look, Skip, Start, decide
from tock.core.run.outcome import Cancelled, Succeeded
from tock.core.run.run import Run, RunError
from tock.core.run.status import RunStatus

unhurried = settings(deadline=None)

PROBLEM = RunError(type="agent_missing", message="There is no agent.", retryable=False)
#: How long a running run takes to stop once it is asked to.
STOPPING = 2


class Ending(StrEnum):
    """What happens to an occurrence besides its own work."""

    WORKS = "works"
    #: Nobody can start it: it fails without an attempt.
    REFUSED = "refused"
    #: Somebody cancels it a moment after it was to start, whatever it does then.
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One fire time: its distance from the one before, how late its delivery is, and how long its work takes."""

    gap: int
    delay: int
    work: int
    ending: Ending
    overlap: Overlap
    depth: int


def occurrences(
    overlaps: Iterable[Overlap], *, most_late: int = 0, depth: int | None = None
) -> st.SearchStrategy[list[Occurrence]]:
    one = st.builds(
        Occurrence,
        gap=st.integers(1, 4),
        delay=st.integers(0, most_late),
        work=st.integers(0, 20),
        ending=st.sampled_from((*[Ending.WORKS] * 4, *Ending)),
        overlap=st.sampled_from(list(overlaps)),
        depth=st.integers(1, 3) if depth is None else st.just(depth),
    )
    return st.lists(one, min_size=2, max_size=20)


class Line:
    """The runs of one trigger in a world of whole seconds."""

    def __init__(self, given: list[Occurrence]) -> None:
        self.given = given
        self.now = 0
        self.runs: dict[str, Run] = {}
        self.agenda: list[tuple[int, int, str, str]] = []
        self.order = count()
        self.most_held = 0
        for index, due in enumerate(accumulate(one.gap for one in given)):
            one, identifier = given[index], f"run-{index}"
            previous = f"run-{index - 1}" if index else None
            changes = {"id": identifier, "previous": previous, "overlap": one.overlap, "queue_depth": one.depth}
            self.runs[identifier] = a_run(**changes)
            self.plan(due + one.delay, "deliver", identifier)
            if one.ending is Ending.CANCELLED:
                self.plan(due + one.delay + 1, "cancel", identifier)

    def plan(self, second: int, event: str, identifier: str) -> None:
        heapq.heappush(self.agenda, (second, next(self.order), event, identifier))

    def play(self) -> None:
        while self.agenda:
            self.now, _, event, identifier = heapq.heappop(self.agenda)
            run = self.runs[identifier]
            if event == "deliver" and run.status is RunStatus.QUEUED:
                self.deliver(run)
            elif event == "end" and run.status is RunStatus.RUNNING:
                outcome = Cancelled("asked") if run.cancel_requested else Succeeded(result=None)
                self.finish(run, transition.settle(run, outcome, **self.moment(), jitter=0.0))
            elif event == "cancel" and not run.status.terminal:
                self.cancel(run)
            self.check()

    def deliver(self, run: Run) -> None:
        read: list[str] = []
        now = self.moment()["now"]
        while isinstance(decision := decide(run, [self.runs.get(each) for each in read], now=now), Look):
            read.append(decision.run)
        match decision:
            case Start():
                assert run.overlap is Overlap.PARALLEL or not list(self.active_before(run))
                if self.occurrence(run).ending is Ending.REFUSED:
                    self.finish(run, transition.refuse(run, PROBLEM, **self.moment()))
                    return
                self.runs[run.id] = transition.start(run, owner="runner", agent_revision=1, **self.moment())
                self.plan(self.now + self.occurrence(run).work, "end", run.id)
            case Skip(blocked_by=blocker):
                assert blocker == self.runs[blocker.id]
                assert not blocker.status.terminal
                self.finish(run, transition.skip(run, blocked_by=blocker, **self.moment()))
            case Hold(behind=nearest, replace=replace):
                if replace and nearest.status is not RunStatus.RUNNING:
                    self.cancel(nearest)
                    self.deliver(self.runs[run.id])
                    return
                assert nearest == self.runs[nearest.id]
                self.runs[nearest.id] = nearest.model_copy(update={"followed_by": run.id})
                if replace:
                    self.cancel(self.runs[nearest.id])
                self.runs[run.id] = transition.hold(run, blocked_by=nearest.id, **self.moment())

    def cancel(self, run: Run) -> None:
        after = transition.cancel(run, by="ada@example.com", reason="enough", **self.moment())
        self.finish(run, after)
        if after.status is RunStatus.RUNNING:
            self.plan(self.now + STOPPING, "end", run.id)

    def finish(self, before: Run, after: Run) -> None:
        """Store a moved run; one that ends lets the first run that waits behind it go, unless it waited itself."""
        self.runs[after.id] = after
        if not after.status.terminal or before.status is RunStatus.HELD:
            return
        follower = after.followed_by
        while follower is not None and self.runs[follower].status.terminal:
            follower = self.runs[follower].followed_by
        if follower is not None and self.runs[follower].status is RunStatus.HELD:
            self.runs[follower] = transition.promote(self.runs[follower], **self.moment())
            self.plan(self.now, "deliver", follower)

    def check(self) -> None:
        statuses = [run.status for run in self.runs.values()]
        self.most_held = max(self.most_held, statuses.count(RunStatus.HELD))
        if all(one.overlap is not Overlap.PARALLEL for one in self.given):
            assert statuses.count(RunStatus.RUNNING) <= 1

    def active_before(self, run: Run) -> Iterable[Run]:
        for earlier in self.runs.values():
            if earlier.id == run.id:
                return
            if not earlier.status.terminal:
                yield earlier

    def occurrence(self, run: Run) -> Occurrence:
        return self.given[int(run.id.removeprefix("run-"))]

    def moment(self) -> dict[str, Any]:
        return {"now": NOON + timedelta(seconds=self.now), "timing": TIMING}

    def ends(self) -> Mapping[RunStatus, list[Run]]:
        return {status: [run for run in self.runs.values() if run.status is status] for status in RunStatus}


def played(given: list[Occurrence]) -> Line:
    line = Line(given)
    line.play()
    return line


EXCLUSIVE = (Overlap.SKIP, Overlap.QUEUE, Overlap.REPLACE)


@pytest.mark.parametrize("overlap", EXCLUSIVE)
@unhurried
@given(data=st.data())
def test_two_never_run_at_once_and_none_waits_for_ever(overlap: Overlap, data: st.DataObject) -> None:
    line = played(data.draw(occurrences([overlap])))

    assert all(run.status.terminal for run in line.runs.values())


@unhurried
@given(occurrences(Overlap, most_late=10))
def test_a_run_starts_alone_unless_it_is_parallel_whatever_the_others_are_and_however_late(
    given: list[Occurrence],
) -> None:
    line = played(given)

    assert all(run.status.terminal for run in line.runs.values())


@pytest.mark.parametrize("depth", [1, 2, 3])
@unhurried
@given(data=st.data())
def test_a_queue_never_holds_more_than_its_depth(depth: int, data: st.DataObject) -> None:
    line = played(data.draw(occurrences([Overlap.QUEUE], depth=depth)))

    assert line.most_held <= depth


@unhurried
@given(occurrences([Overlap.REPLACE]))
def test_replace_holds_at_most_one_and_skips_none(given: list[Occurrence]) -> None:
    line = played(given)

    assert line.most_held <= 1
    assert line.ends()[RunStatus.SKIPPED] == []


@unhurried
@given(occurrences([Overlap.SKIP]))
def test_skip_holds_none_and_names_what_it_gave_way_to(given: list[Occurrence]) -> None:
    line = played(given)

    assert line.most_held == 0
    for run in line.ends()[RunStatus.SKIPPED]:
        assert run.blocked_by is not None
        assert line.runs[run.blocked_by].started is not None


@unhurried
@given(occurrences([Overlap.PARALLEL]))
def test_parallel_holds_and_skips_none(given: list[Occurrence]) -> None:
    line = played(given)

    assert line.most_held == 0
    assert line.ends()[RunStatus.SKIPPED] == []
