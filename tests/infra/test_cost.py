"""`tock cost` computes with the deployment that `infra/` makes with its defaults."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.evaluation import Evaluation
from tock.core.cost import operations as cost_counts
from tock.core.cost.bill import Load, tock_bill
from tock.core.cost.operations import Instance
from tock.core.time.duration import duration_from_text
from tock.core.timing import Timing

#: The variables that the usual deployment of the tests sets, at their defaults again.
_DEFAULTS: dict[str, Any] = {"run_queues": 1, "second_region": ""}
_UNITS = {"Mi": 1 / 1024, "Gi": 1}


@pytest.fixture(scope="module")
def default(evaluated_with: Callable[..., Evaluation]) -> Evaluation:
    return evaluated_with(**_DEFAULTS)


def test_an_instance_has_the_size_that_the_bill_says(default: Evaluation) -> None:
    assert _instance(default, "tick") == cost_counts.TICK_INSTANCE
    assert _instance(default, "run") == cost_counts.RUN_INSTANCE


def test_as_many_runs_share_an_instance_as_the_bill_says(default: Evaluation) -> None:
    assert default.service("run")["max_instance_request_concurrency"] == cost_counts.MAX_SHARING


def test_records_are_kept_and_heartbeats_come_as_the_bill_says(default: Evaluation) -> None:
    environment = default.service("run")["environment_variables"]

    assert duration_from_text(environment["TOCK_RETENTION"]) == Timing().retention
    assert duration_from_text(environment["TOCK_HEARTBEAT"]) == Timing().heartbeat


def test_the_bill_has_a_job_for_each_caller_of_tick(default: Evaluation) -> None:
    bill = tock_bill(Load(runs=1, agents=1, duration=Timing().heartbeat))
    jobs = {line.usage.quantity for line in bill.lines if line.usage.name == "the job that calls tick"}

    assert jobs == {len(default.instances("google_cloud_scheduler_job"))}


def _instance(evaluated: Evaluation, function: str) -> Instance:
    service = evaluated.service(function)
    memory = service["available_memory"]
    return Instance(cpus=float(service["available_cpu"]), gib=int(memory[:-2]) * _UNITS[memory[-2:]])
