"""The plan: a seed always gives the same one, and no kind of fault is left out."""

from datetime import timedelta
from itertools import pairwise

import pytest

from chaos.faults.plan import LONG, SHORT, Kind, Profile, make_plan, profile_for

MINUTES = timedelta(minutes=1)
TICKS = {Kind.PAUSE_TICKS, Kind.CONCURRENT_TICKS}
NETWORK = {Kind.DELAY, Kind.RESET, Kind.BLACKHOLE, Kind.LOSE_RESPONSES}


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    plan = make_plan(7, length=2 * MINUTES, profile=SHORT)

    assert plan == make_plan(7, length=2 * MINUTES, profile=SHORT)
    assert plan != make_plan(8, length=2 * MINUTES, profile=SHORT)


@pytest.mark.parametrize(("profile", "length"), [(SHORT, 3 * MINUTES), (LONG, 30 * MINUTES)], ids=["short", "long"])
@pytest.mark.parametrize("seed", range(20))
def test_a_plan_is_in_order_ends_in_time_and_never_contradicts_itself(
    seed: int, profile: Profile, length: timedelta
) -> None:
    plan = make_plan(seed, length=length, profile=profile)

    assert {fault.kind for fault in plan} == set(Kind)
    assert [fault.at for fault in plan] == sorted(fault.at for fault in plan)
    assert all(fault.at + fault.length <= length for fault in plan)
    for kinds in (NETWORK, TICKS):
        affected = [fault for fault in plan if fault.kind in kinds]
        assert all(now.at + now.length <= later.at for now, later in pairwise(affected))
    stops = [fault for fault in plan if fault.kind is Kind.STOP]
    assert any(stop.length > profile.lease for stop in stops)


def test_a_long_chaos_runs_with_the_times_the_engine_is_deployed_with() -> None:
    assert profile_for(2 * MINUTES) is SHORT
    assert profile_for(10 * MINUTES) is LONG
    assert SHORT.longest_stop > SHORT.lease + SHORT.period / 2
    assert LONG.longest_stop > LONG.lease
