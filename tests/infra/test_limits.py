"""Time limits fit into each other, and nothing asks Google Cloud for more than it gives."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from infra.evaluation import Evaluation
from tock.core.policies import LONGEST_TIMEOUT
from tock.core.time.duration import duration_from_text
from tock.core.timing import Timing
from tock.queue.cloud_tasks import LONGEST_DEADLINE, TICK_DEADLINE

#: How long what a tick or a run has begun may take to end, beyond its own budget.
ENDING = timedelta(seconds=10)
#: The longest request of a function that answers HTTP (Cloud Run functions, "Quotas").
LONGEST_REQUEST = timedelta(hours=1)
#: Cloud Tasks, "Quotas": a queue's dispatches a second and at once.
MAX_DISPATCHES, MAX_CONCURRENT = 500, 5000
QUEUES = ("runs[0]", "runs[1]", "ticks", "notifications")


def _timeout(evaluated: Evaluation, function: str) -> timedelta:
    return timedelta(seconds=evaluated.service(function)["timeout_seconds"])


def test_a_tick_ends_before_its_request_does(evaluated: Evaluation) -> None:
    assert Timing().tick_budget + ENDING <= _timeout(evaluated, "tick") <= LONGEST_REQUEST


def test_whoever_calls_tick_waits_as_long_as_its_request_may_take(evaluated: Evaluation) -> None:
    deadlines = {
        parse_seconds(job["attempt_deadline"]) for job in evaluated.instances("google_cloud_scheduler_job").values()
    }

    assert deadlines == {TICK_DEADLINE} == {_timeout(evaluated, "tick")}


def test_a_run_may_take_as_long_as_its_delivery(evaluated: Evaluation) -> None:
    assert LONGEST_TIMEOUT < LONGEST_DEADLINE <= _timeout(evaluated, "run") <= LONGEST_REQUEST


def test_the_job_calls_each_minute_by_a_clock_without_summer_time(evaluated: Evaluation) -> None:
    jobs = evaluated.instances("google_cloud_scheduler_job").values()

    assert {(job["schedule"], job["time_zone"]) for job in jobs} == {("* * * * *", "Etc/UTC")}
    assert sorted(job["region"] for job in jobs) == ["europe-west1", "europe-west4"]


def test_what_is_tried_again_within_a_minute_does_not_run_into_the_next_but_one(evaluated: Evaluation) -> None:
    for job in evaluated.instances("google_cloud_scheduler_job").values():
        [retry] = job["retry_config"]
        waits = retry["retry_count"] * parse_seconds(retry["max_backoff_duration"])

        assert retry["retry_count"] <= 5, "Cloud Scheduler's limit"
        assert waits < timedelta(minutes=1)


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_stays_within_its_limits(evaluated: Evaluation, queue: str) -> None:
    [rates] = evaluated.resources[f"google_cloud_tasks_queue.{queue}"]["rate_limits"]

    assert 0 < rates["max_dispatches_per_second"] <= MAX_DISPATCHES
    assert 0 < rates["max_concurrent_dispatches"] <= MAX_CONCURRENT


@pytest.mark.parametrize("queue", QUEUES)
def test_attempts_of_a_queue_are_used_up_when_its_time_is(evaluated: Evaluation, queue: str) -> None:
    """Cloud Tasks gives up when both are reached, so more attempts than fit would make the time mean nothing."""
    [retry] = evaluated.resources[f"google_cloud_tasks_queue.{queue}"]["retry_config"]
    shortest, longest = parse_seconds(retry["min_backoff"]), parse_seconds(retry["max_backoff"])
    # Doubled, then longer by as much as the last doubling gave, and never longer than the longest (Cloud Tasks, Queue).
    steps = (2 ** min(number, retry["max_doublings"]) for number in range(retry["max_attempts"] - 1))
    extra = (max(0, number - retry["max_doublings"]) for number in range(retry["max_attempts"] - 1))
    waits = [min(shortest * step * (1 + more), longest) for step, more in zip(steps, extra, strict=True)]

    assert sum(waits, timedelta()) <= parse_seconds(retry["max_retry_duration"]) + longest


def test_run_has_room_for_what_its_queues_deliver(evaluated: Evaluation) -> None:
    service = evaluated.service("run")
    room = service["max_instance_count"] * service["max_instance_request_concurrency"]
    [rates] = evaluated.resources["google_cloud_tasks_queue.runs[0]"]["rate_limits"]

    assert room >= rates["max_concurrent_dispatches"], "the default is for one queue"


def test_tick_has_room_for_a_further_tick_of_each_shard_beside_the_minutes_own(evaluated: Evaluation) -> None:
    service = evaluated.service("tick")
    room = service["max_instance_count"] * service["max_instance_request_concurrency"]

    assert room >= Timing().shards + 2
    assert evaluated.resources["google_cloud_tasks_queue.ticks"]["rate_limits"][0]["max_concurrent_dispatches"] >= 30


def test_each_continuation_of_a_crowd_has_an_instance_and_its_delivery(
    evaluated_with: Callable[..., Evaluation],
) -> None:
    told = evaluated_with(shards=64)
    service = told.service("tick")
    [rates] = told.resources["google_cloud_tasks_queue.ticks"]["rate_limits"]

    assert service["max_instance_request_concurrency"] == 1
    assert service["max_instance_count"] >= 64 + 2
    assert (rates["max_concurrent_dispatches"], rates["max_dispatches_per_second"]) == (64, 64)


def test_the_instances_of_tick_are_variables(evaluated_with: Callable[..., Evaluation]) -> None:
    service = evaluated_with(tick_instances=5, tick_concurrency=3).service("tick")

    assert (service["max_instance_count"], service["max_instance_request_concurrency"]) == (5, 3)


@pytest.mark.parametrize("function", ["run", "trigger", "retry", "api"])
def test_requests_that_share_an_instance_have_a_whole_cpu_and_cost_nothing_idle(
    evaluated: Evaluation, function: str
) -> None:
    service = evaluated.service(function)

    assert service["max_instance_request_concurrency"] > 1
    assert float(service["available_cpu"]) >= 1
    assert service["min_instance_count"] == 0


def test_the_defaults_of_terraform_are_those_of_the_code(evaluated: Evaluation) -> None:
    told = evaluated.service("run")["environment_variables"]
    timing = Timing()

    assert (int(told["TOCK_SHARDS"]), duration_from_text(told["TOCK_RETENTION"])) == (timing.shards, timing.retention)
    assert (duration_from_text(told["TOCK_LEASE"]), duration_from_text(told["TOCK_HEARTBEAT"])) == (
        timing.lease,
        timing.heartbeat,
    )


def parse_seconds(text: str) -> timedelta:
    """The length of a duration as Google's APIs write it: 60s."""
    assert text.endswith("s")
    return timedelta(seconds=float(text.removesuffix("s")))
