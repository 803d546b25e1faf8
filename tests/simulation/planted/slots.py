"""Wrong ways to limit how many runs work at once, and to keep the line for a slot."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

import tock.app.execution.execute
import tock.app.execution.settle
import tock.app.tick.sweep
from model.store import ModelStore
from simulation.people.operators import AGENTS
from tock.app.execution.admission import take_slots
from tock.app.execution.run_commit import RunCommit, run_commit
from tock.app.manage.projects import project_limit
from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.run.admission.slot import Slot
from tock.core.run.run import Run
from tock.ports.store import Delete, Versioned


def slot_is_never_given_back(patch: pytest.MonkeyPatch) -> None:
    """A runner that settles its attempt keeps the slot."""

    async def keeping(services: Services, before: Versioned[Run], after: Run) -> RunCommit:
        commit = await run_commit(services, before, after)
        writes = tuple(
            each for each in commit.writes if not (isinstance(each, Delete) and isinstance(each.value, Slot))
        )
        return replace(commit, writes=writes)

    patch.setattr(tock.app.execution.settle, "run_commit", keeping)


def rescue_leaks_the_slot(patch: pytest.MonkeyPatch) -> None:
    """The sweep that rescues a lost attempt leaves its slot taken."""

    async def keeping(services: Services, before: Versioned[Run], after: Run) -> RunCommit:
        commit = await run_commit(services, before, after)
        writes = tuple(
            each for each in commit.writes if not (isinstance(each, Delete) and isinstance(each.value, Slot))
        )
        return replace(commit, writes=writes)

    patch.setattr(tock.app.tick.sweep, "run_commit", keeping)


def slots_are_counted_and_not_compared(patch: pytest.MonkeyPatch) -> None:
    """Two deliveries count the same slots that are taken, and each takes one of its own."""
    free_slots = take_slots.free_slots
    numbers = iter(range(1000, 10**9))

    async def uncompared(services: Services, run: Run, agent: Agent) -> Sequence[Slot] | str:
        found = await free_slots(services, run, agent)
        if isinstance(found, str):
            return found
        return [Slot.of(run, scope=slot.scope, number=next(numbers)) for slot in found]

    patch.setattr(tock.app.execution.execute, "free_slots", uncompared)


def lowered_limit_counts_low_slots_only(patch: pytest.MonkeyPatch) -> None:
    """After a limit was lowered, only the slots that it still allows are counted."""
    slots = ModelStore.slots

    async def low(store: ModelStore, project: str, scope: str) -> Sequence[Versioned[Slot]]:
        found = await slots(store, project, scope)
        kind, _, name = scope.partition(":")
        agent = await store.agent(project, name) if kind == "agent" else None
        limit = None if agent is None else agent.value.concurrency
        return [slot for slot in found if limit is None or slot.value.number < limit]

    patch.setattr(ModelStore, "slots", low)


def limit_of_the_project_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """A run takes slots of its agent's and its trigger's limit only."""
    limits_of = take_slots.limits_of

    def without_project(run: Run, agent: Agent) -> dict[str, int]:
        return {scope: limit for scope, limit in limits_of(run, agent).items() if scope != "project"}

    patch.setattr(take_slots, "limits_of", without_project)


def limit_of_the_project_reaches_one_agent(patch: pytest.MonkeyPatch) -> None:
    """An edit of the project's limit is passed on to the first agent only."""
    others = project_limit._others

    async def first(services: Services, project: Any) -> AsyncIterator[str]:
        async for agent in others(services, project):
            if agent == AGENTS[0]:
                yield agent

    patch.setattr(project_limit, "_others", first)


def slot_of_a_lost_record_stays_taken(patch: pytest.MonkeyPatch) -> None:
    """Nobody gives back the slot of a run whose record is gone."""

    async def keep(*_given: Any) -> None:
        return None

    patch.setattr(take_slots, "_release_abandoned", keep)


def settlement_promotes_nobody_in_line(patch: pytest.MonkeyPatch) -> None:
    """A runner that gives a slot back leaves it to the sweep to promote who is in line."""
    patch.setattr(tock.app.execution.settle, "promote_in_line", _nobody)


def sweep_forgets_the_line(patch: pytest.MonkeyPatch) -> None:
    """The sweep never finds that a run in line may go on."""

    async def none(_services: Services, **_given: Any) -> int:
        return 0

    patch.setattr(tock.app.tick.sweep, "fill_line", none)


def nobody_watches_the_line(patch: pytest.MonkeyPatch) -> None:
    """The sweep looks at a run in line as seldom as at one that waits for an earlier run."""
    patch.setattr(tock.app.tick.sweep, "WATCHERS", 0)


def newest_goes_first(patch: pytest.MonkeyPatch) -> None:
    """Whoever came last is the first in line."""
    runs_in_line, comes_before = ModelStore.runs_in_line, take_slots._comes_before

    async def backwards(store: ModelStore, project: str, scope: str, *, limit: int) -> Sequence[Versioned[Run]]:
        return [*reversed(await runs_in_line(store, project, scope, limit=10**6))][:limit]

    def newer(other: Run, run: Run) -> bool:
        return comes_before(run, other)

    patch.setattr(ModelStore, "runs_in_line", backwards)
    patch.setattr(take_slots, "_comes_before", newer)


def line_is_passed_by(patch: pytest.MonkeyPatch) -> None:
    """A delivery takes a free slot without a look at who came before it."""
    patch.setattr(take_slots, "_comes_before", lambda _other, _run: False)


async def _nobody(_services: Services, **_given: Any) -> None:
    return
