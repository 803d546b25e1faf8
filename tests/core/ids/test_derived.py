"""Derived ids: what they depend on, and examples that must never change."""

from datetime import datetime
from typing import Any

import pytest

from core.builders import NOON, at
from tock.core.ids.derived import (
    fingerprint,
    keyed_run_id,
    lock_id,
    occurrence_id,
    shard_of,
    step_key,
    task_id,
    tick_id,
)

OCCURRENCE: dict[str, Any] = {"project": "library", "trigger": "digest", "fire_time": NOON, "generation": 1}


def test_identities_stay_the_same_or_stored_runs_would_happen_twice() -> None:
    assert {
        "occurrence": occurrence_id(**OCCURRENCE),
        "key": keyed_run_id(project="library", key="k-1"),
        "task": task_id(project="library", run="run-1", attempt=1, dispatch=1),
        "tick": tick_id(shard=3, period=36_000_000),
        "lock": lock_id(subject="trigger:digest"),
        "request": fingerprint("run trigger digest"),
        "step": step_key(project="library", run="run-1", step="send"),
        "shard": shard_of("library/digest", shards=8),
    } == {
        "occurrence": "ccf53e2f14e12e40023366f4",
        "key": "4903ca965cf663086bda8707",
        "task": "97347f74436ea1ad2ccb2da1",
        "tick": "3ed156506f882442dfd4b8a6",
        "lock": "2e61caad22a75803e5580beb",
        "request": "de08967f6ef228fb976bdd20",
        "step": "ade6f41927d3514eb8c6e624",
        "shard": 2,
    }


@pytest.mark.parametrize(
    "change",
    [{"project": "archive"}, {"trigger": "weekly"}, {"fire_time": at("12:00:01")}, {"generation": 2}],
    ids=str,
)
def test_every_part_of_an_occurrence_is_part_of_its_identity(change: dict[str, Any]) -> None:
    assert occurrence_id(**(OCCURRENCE | change)) != occurrence_id(**OCCURRENCE)


def test_the_same_instant_with_another_offset_is_the_same_occurrence() -> None:
    elsewhere = datetime.fromisoformat("2027-01-01T21:00:00+09:00")

    assert occurrence_id(**(OCCURRENCE | {"fire_time": elsewhere})) == occurrence_id(**OCCURRENCE)


@pytest.mark.parametrize("change", [{"project": "archive"}, {"run": "run-2"}, {"attempt": 2}, {"dispatch": 2}], ids=str)
def test_every_delivery_of_an_attempt_has_its_own_task(change: dict[str, Any]) -> None:
    task: dict[str, Any] = {"project": "library", "run": "run-1", "attempt": 1, "dispatch": 1}

    assert task_id(**(task | change)) != task_id(**task)


@pytest.mark.parametrize("change", [{"shard": 4}, {"period": 8}], ids=str)
def test_every_shard_has_its_own_further_tick_in_every_period(change: dict[str, int]) -> None:
    assert tick_id(**({"shard": 3, "period": 7} | change)) != tick_id(shard=3, period=7)


def test_kinds_of_identity_do_not_meet() -> None:
    assert len({lock_id(subject="a"), fingerprint("a"), keyed_run_id(project="a", key=""), lock_id(subject="")}) == 4


def test_an_idempotency_key_is_the_projects_own() -> None:
    assert keyed_run_id(project="library", key="k-1") != keyed_run_id(project="archive", key="k-1")


def test_shards_are_evenly_filled() -> None:
    shards = [shard_of(f"library/trigger-{number}", shards=8) for number in range(4000)]

    assert all(400 <= shards.count(shard) <= 600 for shard in range(8))
