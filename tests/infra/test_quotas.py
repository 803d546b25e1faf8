"""The arithmetic of the runbook's quotas, done again: what a row sets carries the triggers that it names."""

import math
import re
from collections.abc import Callable, Mapping

import pytest

from infra.configuration import INFRA
from infra.evaluation import Evaluation
from infra.test_limits import MAX_CONCURRENT, MAX_DISPATCHES
from tock.core.time.duration import duration_from_text
from tock.core.timing import Timing

TEXT = (INFRA / "README.md").read_text()
PERIODS = {"hour": 3600, "day": 86_400}
#: Firestore, "Best practices": writes a second to an index whose values grow.
INDEX_WRITES = 500
RUN_SECONDS = 30
#: What a run writes whatever its length: created, claimed, ended.
WRITES = 3
SETTINGS = ("shards", "heartbeat", "run_queues", "run_deliveries", "run_instances", "run_concurrency")


def _rows() -> list[dict[str, str]]:
    table = TEXT.split("spread evenly over the period:\n\n")[1].split("\n\n")[0].splitlines()
    head, _, *body = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table]
    return [dict(zip(head, cells, strict=True)) for cells in body]


def _number(text: str) -> float:
    return float(text.replace(",", ""))


@pytest.mark.parametrize("row", _rows(), ids=lambda row: f"{row['triggers']} each {row['each fires every']}")
def test_a_row_carries_its_triggers(row: Mapping[str, str]) -> None:
    starts = _number(row["triggers"]) / PERIODS[row["each fires every"]]
    at_once = starts * RUN_SECONDS
    heartbeat = duration_from_text(row["heartbeat"]).total_seconds()
    queues = _number(row["run_queues"])
    claimed = Timing().claim_budget.total_seconds() * _measured("runs a second on two cores")

    assert round(starts, 1 if starts < 1 else None) == _number(row["starts a second"])
    assert round(at_once) == _number(row["at once"])
    assert starts <= _number(row["shards"]) * INDEX_WRITES / (WRITES + RUN_SECONDS // heartbeat)
    assert starts <= queues * MAX_DISPATCHES
    assert _number(row["run_deliveries"]) <= MAX_CONCURRENT
    assert at_once <= queues * _number(row["run_deliveries"])
    assert queues * _number(row["run_deliveries"]) <= _number(row["run_instances"]) * _number(row["run_concurrency"])
    assert math.ceil(starts * 60 / claimed) <= 1 + _number(row["shards"]), "a continuation for each shard"


def test_the_first_rows_are_what_an_installation_has(evaluated_with: Callable[..., Evaluation]) -> None:
    first, second, *_ = _rows()
    told = evaluated_with(run_queues=1)
    service = told.service("run")
    rates = told.resources["google_cloud_tasks_queue.runs[0]"]["rate_limits"][0]

    assert {name: first[name] for name in SETTINGS} == {name: second[name] for name in SETTINGS}
    assert [_text(first[name]) for name in SETTINGS] == [
        service["environment_variables"]["TOCK_SHARDS"],
        service["environment_variables"]["TOCK_HEARTBEAT"],
        str(len(told.instances("google_cloud_tasks_queue")) - 2),
        str(rates["max_concurrent_dispatches"]),
        str(service["max_instance_count"]),
        str(service["max_instance_request_concurrency"]),
    ]


def test_terraform_takes_the_last_row(evaluated_with: Callable[..., Evaluation]) -> None:
    last = _rows()[-1]

    evaluated_with(**{name: _text(last[name]) for name in SETTINGS})


@pytest.mark.parametrize("work", ["from claim to settled", "claimed and enqueued"])
def test_a_vcpu_carries_what_its_processor_time_allows(work: str) -> None:
    said = re.search(rf"([\d,]+) runs a second {work}[^(]*\(([\d.]+) ms each", _flat())

    assert said is not None
    carried, each = map(_number, said.groups())
    assert 1000 / each == pytest.approx(carried, rel=0.02)


def test_a_crowd_on_one_second_takes_as_long_as_it_says() -> None:
    first = _rows()[0]
    said = re.search(
        r"([\d,]+) triggers at nine sharp take (\d+) minutes .* and (\d+) with `run_queues = (\d+)`", _flat()
    )

    assert said is not None
    crowd, minutes, fewer, queues = map(_number, said.groups())
    room = _number(first["run_deliveries"])
    assert (round(crowd * RUN_SECONDS / room / 60), round(crowd * RUN_SECONDS / (queues * room) / 60)) == (
        minutes,
        fewer,
    )


def _measured(what: str) -> float:
    found = re.search(rf"(\d+) {what}", _flat())
    assert found is not None, what
    return float(found[1])


def _flat() -> str:
    return " ".join(TEXT.split())


def _text(cell: str) -> str:
    return cell.replace(",", "")
