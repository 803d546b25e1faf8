"""The simulation of a crowd: its quotas bind, every trigger is claimed once, and every run starts."""

import asyncio

import pytest

from crowd.__main__ import main
from crowd.costs import Costs
from crowd.firestore import Firestore, run_fields
from crowd.function import Function, Instance
from crowd.quotas import LONGEST_PENDING, Rate
from crowd.simulate import Deployment, simulate
from crowd.timeline import Timeline, part, plot
from simulation.loop import run_virtually


def test_a_rate_lets_so_many_operations_a_second_through() -> None:
    rate = Rate(500)

    rate.take(500, now=0)

    assert (rate.wait(0), rate.wait(0.25), rate.wait(2)) == (1, 0.75, 0)


def test_a_ramp_begins_at_500_and_grows_by_half_every_five_minutes() -> None:
    rate = Rate(float("inf"), ramp=True)

    waits = []
    for now in (0, 299, 300, 601):
        rate.take(500, now=now)
        waits.append(rate.wait(now))

    assert waits == [1, 1, pytest.approx(2 / 3), pytest.approx(4 / 9)]


def test_a_function_serves_as_many_requests_as_its_instances_take_and_refuses_the_others() -> None:
    admitted: list[Instance | None] = []

    async def crowd() -> None:
        function = Function(most=2, concurrency=3)
        scaling = asyncio.get_running_loop().create_task(function.autoscale())
        for _ in range(10):
            function.request(admitted.append)
        await asyncio.sleep(LONGEST_PENDING + 6)
        scaling.cancel()

    run_virtually(crowd())

    assert [None if each is None else each.number for each in admitted] == [0, 0, 0, 1, 1, 1, None, None, None, None]


@pytest.mark.parametrize("projects", [1, 7])
def test_every_trigger_is_claimed_once_and_every_run_starts_in_its_time(projects: int) -> None:
    timeline = simulate(Deployment(triggers=1500, projects=projects, shards=4, tick_instances=4, run_queues=2))

    assert (timeline.claims.total(), timeline.starts.total()) == (1500, 1500)
    assert max(timeline.claims) < 0 <= min(timeline.starts)


def test_the_sweep_starts_what_a_tick_left_that_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crowd.simulate.TICK_TIMEOUT", 1.0)

    slow = Costs.of(tick=0.00165, run=0.005)
    timeline = simulate(Deployment(triggers=1500, shards=4, tick_instances=4, run_queues=2, costs=slow))

    assert (timeline.claims.total(), timeline.starts.total()) == (1500, 1500)


def test_the_indexes_of_infra_decide_what_a_shard_takes() -> None:
    firestore = Firestore(warm=True)
    written = {"shard", "status", "agent", "source", "scheduled_for", "check_at"}

    same, other = (
        firestore.ranges("runs", "p", run_fields(shard, status="queued"), changed=written) for shard in (1, 2)
    )
    firestore.take(dict.fromkeys(same, 5000), now=0)

    assert (firestore.wait(same, now=0), firestore.wait(other, now=0)) == (10, 0)


def test_more_queues_start_a_crowd_sooner() -> None:
    ends = []
    for queues in (1, 4):
        timeline = simulate(
            Deployment(triggers=1500, shards=4, tick_instances=4, run_queues=queues, run_deliveries=500)
        )
        ends.append(part(timeline.starts, 1.0) or 0)

    # An agent works for 30 s, and a queue has 500 deliveries at once: three rounds against one.
    assert ends[0] - ends[1] >= 60


def test_a_plot_shows_claims_and_starts_from_the_first_to_the_last() -> None:
    timeline = Timeline()
    timeline.claims.update({-10: 50, -5: 50})
    timeline.starts.update({0: 100})

    lines = plot(timeline, count=100)

    assert lines[0].startswith("       100 |")
    assert (lines[0].count("c"), lines[0][-1]) == (37, "*")
    assert lines[-1].strip().startswith("-10 s  to  +0 s")


def test_the_command_prints_when_the_crowd_was_claimed_and_started(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--triggers", "300", "--shards", "2", "--queues", "1", "--cold"])

    printed = capsys.readouterr().out
    assert "300 triggers of 1 projects due in one second; 2 shards" in printed
    assert "claimed" in printed
    assert "started" in printed
