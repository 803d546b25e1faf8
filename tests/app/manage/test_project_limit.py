"""The limit of a project: never exceeded by its agents together, and paid only by those who set one."""

from datetime import timedelta
from typing import Any

import pytest

from app.faults import Fault, Kind
from app.rig import Rig
from app.scripted_executor import Behaviour
from tock.app.manage.agents import create_agent, edit_agent
from tock.app.manage.projects.projects import edit_project
from tock.app.start.run_now import RunOptions, run_agent
from tock.core.agent.agent import AgentSpec
from tock.core.run.run import Run
from tock.core.run.status import RunStatus

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
AGENTS = ("reader", "writer", "worker")
RUNNING, HELD, SUCCEEDED = RunStatus.RUNNING, RunStatus.HELD, RunStatus.SUCCEEDED


async def limit(rig: Rig, concurrency: int | None, *, project: str = "p", services: Any = None) -> None:
    await edit_project(services or rig.services(), project=project, changes={"concurrency": concurrency}, by="ada")


async def start(rig: Rig, *agents: str, project: str = "p") -> list[Run]:
    """Start a run of each agent, a second apart, and deliver it."""
    runs = []
    for agent in agents:
        launched = await run_agent(
            rig.services(), project=project, agent=agent, options=RunOptions(), key=None, by="ada"
        )
        runs.append(launched.run)
        await rig.deliver()
        await rig.advance(SECOND)
    return runs


async def statuses(rig: Rig, runs: list[Run]) -> list[RunStatus]:
    return [(await rig.run(run)).status for run in runs]


async def limits(rig: Rig, project: str = "p") -> set[int | None]:
    return {agent.project_concurrency for agent in (await rig.store.agents(project, limit=100, token=None)).items}


@pytest.fixture
async def busy(rig: Rig) -> Rig:
    """The project `p`, whose agents work until they are released."""
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    await rig.create_project("p", agents=AGENTS)
    return rig


async def test_runs_of_all_its_agents_share_it_and_the_oldest_starts_next(busy: Rig) -> None:
    await limit(busy, 2)
    runs = await start(busy, "reader", "writer", "worker", "reader")
    before = await statuses(busy, runs)

    busy.executor.release(runs[1].id)
    await busy.advance(SECOND)
    await busy.deliver()

    assert before == [RUNNING, RUNNING, HELD, HELD]
    assert await statuses(busy, runs) == [RUNNING, SUCCEEDED, RUNNING, HELD]
    assert {slot.value.run for slot in await busy.store.slots("p", "project")} == {runs[0].id, runs[2].id}


async def test_a_slot_that_the_oldest_cannot_use_goes_to_the_next(busy: Rig) -> None:
    await limit(busy, 2)
    await edit_agent(busy.services(), project="p", agent="reader", changes={"concurrency": 1}, by="ada")
    writers = await start(busy, "writer", "writer")
    first, second, other = await start(busy, "reader", "reader", "worker")

    for writer in writers:
        busy.executor.release(writer.id)
        await busy.advance(SECOND)
        await busy.deliver()
        await busy.deliver()

    assert await statuses(busy, [first, second, other]) == [RUNNING, HELD, RUNNING]
    assert (await busy.run(second)).in_line == "agent:reader"


async def test_another_project_is_not_concerned(busy: Rig) -> None:
    await busy.create_project("q", agents=AGENTS)
    await limit(busy, 1)

    mine, theirs = await start(busy, "reader", "writer"), await start(busy, "reader", "writer", project="q")

    assert await statuses(busy, mine) == [RUNNING, HELD]
    assert await statuses(busy, theirs) == [RUNNING, RUNNING]


async def test_a_run_reads_neither_project_nor_slots_without_a_limit(busy: Rig) -> None:
    process = busy.process()
    launched = await run_agent(busy.services(), project="p", agent="reader", options=RunOptions(), key=None, by="ada")

    await busy.deliver(busy.services(process))

    assert (await busy.run(launched.run)).status is RUNNING
    assert not {"project", "slots", "runs_in_line", "lock"} & process.reads.keys()


async def test_an_agent_that_is_created_later_has_it_too(busy: Rig) -> None:
    await limit(busy, 1)

    await create_agent(busy.services(), project="p", identifier="late", spec=AgentSpec(kind="scripted"), by="ada")

    assert await limits(busy) == {1}
    assert await statuses(busy, await start(busy, "reader", "late")) == [RUNNING, HELD]


async def test_who_takes_it_away_lets_those_in_line_start(busy: Rig) -> None:
    await limit(busy, 1)
    runs = await start(busy, "reader", "writer", "worker")

    await limit(busy, None)
    await busy.advance(timedelta(minutes=1))
    await busy.tick()
    await busy.deliver()

    assert await statuses(busy, runs) == [RUNNING] * 3
    assert await limits(busy) == {None}


@pytest.mark.parametrize("kind", [Kind.CRASH_BEFORE, Kind.CRASH_AFTER, Kind.REPEATED, Kind.LOST_ACKNOWLEDGEMENT])
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_an_edit_that_died_half_way_can_be_repeated(busy: Rig, kind: Kind, at: int) -> None:
    dying = busy.services(busy.process(Fault(at, kind)))
    await busy.attempt(limit(busy, 2, services=dying))

    await limit(busy, 2)

    assert await limits(busy) == {2}


async def test_of_two_edits_at_once_the_newer_limit_stays(busy: Rig) -> None:
    services = busy.services()
    listed = services.store.agents
    between: list[int] = []

    async def list_agents(*args: Any, **given: Any) -> Any:
        page = await listed(*args, **given)
        if not between:
            between.append(1)
            await limit(busy, 7)
        return page

    services.store.agents = list_agents  # type: ignore[method-assign]  # another edit comes between list and writes
    await limit(busy, 2, services=services)

    found = await busy.store.project("p")
    assert found is not None
    assert (found.value.concurrency, await limits(busy)) == (7, {7})
