"""Every effect of every use case fails in every way: nothing is lost, nothing happens twice, nothing stays locked.

For each use case, a call without a fault shows which effects it has. Then each effect fails in each of five ways. The
caller repeats the call if it was told of an error, and a healthy deployment goes on until every run has ended.
"""

import pytest

from app.faults import Crash, Fault, Kind, Process
from app.rig import Rig
from app.scripted_executor import Behaviour
from app.situations import Case
from app.use_cases import USE_CASES, UseCase
from tock.core.errors import TockError

pytestmark = pytest.mark.anyio


async def _performed(rig: Rig, use_case: UseCase, *, project: str, fault: Fault | None) -> Process:
    case = Case(rig, await rig.create_project(project))
    rig.executor.behaviour = lambda _: Behaviour()
    rig.timing = rig.timing.__class__()
    await use_case.prepare(case)
    process = rig.process(fault)
    ended = await rig.attempt(use_case.act(case, rig.services(process)))
    if isinstance(ended, Crash | TockError) and use_case.repeats:
        again = await rig.attempt(use_case.act(case, rig.services()))
        assert not isinstance(again, TockError), f"the repeated call failed: {again}"
    assert fault is not None or not isinstance(ended, Crash | TockError), f"the clean call failed: {ended!r}"
    await rig.recover(project=project)
    await use_case.check(case)
    return process


@pytest.mark.slow
@pytest.mark.parametrize("name", USE_CASES)
async def test_a_fault_at_any_effect_loses_and_doubles_nothing(rig: Rig, name: str) -> None:
    use_case = USE_CASES[name]
    clean = await _performed(rig, use_case, project="clean", fault=None)
    assert clean.effects

    for at, effect in enumerate(clean.effects, start=1):
        for kind in Kind:
            project = f"at-{at}-{kind.name.lower().replace('_', '-')}"
            try:
                process = await _performed(rig, use_case, project=project, fault=Fault(at, kind))
            except BaseException as error:
                error.add_note(f"in {name!r}: {kind} at effect {at} ({effect}) of {clean.effects}")
                raise
            assert len(process.effects) >= at, f"effect {at} was never reached"
    assert await rig.unfinished() == []
    assert await rig.locks() == []
