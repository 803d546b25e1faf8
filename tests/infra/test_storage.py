"""Firestore keeps, finds and deletes what the store writes; `terraform destroy` keeps data unless asked."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.evaluation import Evaluation
from tock.core.run.events.event import Chunk
from tock.core.run.run import Run
from tock.core.usage.day import UsageDay
from tock.store.documents import codec, paths

STORE = Path(paths.__file__)
KEPT = {
    "google_firestore_database.this": "PREVENT",
    "google_cloud_tasks_queue.runs[0]": "PREVENT",
    "google_cloud_tasks_queue.runs[1]": "PREVENT",
    "google_cloud_tasks_queue.ticks": "PREVENT",
    "google_cloud_tasks_queue.notifications": "PREVENT",
}


def test_every_collection_is_exempt_from_automatic_indexes(evaluated: Evaluation) -> None:
    exempt = {
        field["collection"]
        for field in evaluated.instances("google_firestore_field").values()
        if field["field"] == "*" and field["index_config"] == [{}]
    }

    assert exempt == _collections()


def test_what_expires_does_so_by_the_field_that_the_store_writes(evaluated: Evaluation) -> None:
    expiring = {
        (field["collection"], field["field"])
        for field in evaluated.instances("google_firestore_field").values()
        if "ttl_config" in field
    }

    assert expiring == {
        ("runs", "expire_at"),
        ("chunks", "expire_at"),
        ("signals", "expire_at"),
        ("sessions", "expire_at"),
        ("parts", "expire_at"),
        ("usage", "expire_at"),
    }
    assert {"expire_at"} <= Run.model_fields.keys() & Chunk.model_fields.keys() & UsageDay.model_fields.keys()


def test_a_time_that_expires_has_no_index(evaluated: Evaluation) -> None:
    fields = evaluated.instances("google_firestore_field").values()

    indexed = {field["field"] for field in fields if field["index_config"] != [{}]}

    assert indexed == {"created.at", "last_seq", "number", "scope"}


def test_an_index_of_the_whole_database_begins_with_the_shard(evaluated: Evaluation) -> None:
    """An ever-growing time alone would let the index take 500 writes a second."""
    first = {
        index["fields"][0]["field_path"]
        for index in evaluated.instances("google_firestore_index").values()
        if index["query_scope"] == "COLLECTION_GROUP"
    }

    assert first == {"shard"}


def test_an_index_of_a_projects_runs_begins_with_the_shard_the_trigger_or_a_rare_field(evaluated: Evaluation) -> None:
    """Otherwise a project could have 500 new runs a second. A field that few runs have leaves the others out."""
    first = {
        index["fields"][0]["field_path"]
        for index in evaluated.instances("google_firestore_index").values()
        if index["collection"] == "runs"
    }

    assert first == {"shard", "trigger", "in_line"}
    assert "in_line" in codec.RUN.optional


def test_the_database_can_be_restored(evaluated: Evaluation) -> None:
    database = evaluated.resources["google_firestore_database.this"]
    backup = evaluated.resources["google_firestore_backup_schedule.daily[0]"]

    assert database["type"] == "FIRESTORE_NATIVE"
    assert database["point_in_time_recovery_enablement"] == "POINT_IN_TIME_RECOVERY_ENABLED"
    assert (backup["retention"], backup["daily_recurrence"]) == (f"{14 * 86400}s", [{}])


def test_destroying_keeps_data_unless_asked(evaluated: Evaluation) -> None:
    assert {address: evaluated.resources[address]["deletion_policy"] for address in KEPT} == KEPT
    assert (
        evaluated.resources["google_firestore_database.this"]["delete_protection_state"] == "DELETE_PROTECTION_ENABLED"
    )
    assert evaluated.resources["google_storage_bucket.source"]["force_destroy"] is False
    assert evaluated.resources["google_secret_manager_secret.signing"]["deletion_protection"] is True
    assert _policies_of_fields(evaluated) == {"ABANDON"}, "indexes and expiry of documents that stay"


def test_destroying_takes_everything_when_asked(evaluated_with: Callable[..., Evaluation]) -> None:
    asked = evaluated_with(keep_data=False)

    assert {asked.resources[address]["deletion_policy"] for address in KEPT} == {"DELETE"}
    assert asked.resources["google_firestore_database.this"]["delete_protection_state"] == "DELETE_PROTECTION_DISABLED"
    assert asked.resources["google_storage_bucket.source"]["force_destroy"] is True
    assert asked.resources["google_secret_manager_secret.signing"]["deletion_protection"] is False
    assert _policies_of_fields(asked) == {"DELETE"}


def test_a_restored_database_is_used_and_kept_as_the_other_was(evaluated_with: Callable[..., Evaluation]) -> None:
    restored = evaluated_with(restored_database="tock-restored")

    used = {restored.service(name)["environment_variables"]["TOCK_DATABASE"] for name in ("tick", "run", "api")}
    conditions = {
        condition["expression"]
        for grant in restored.instances("google_project_iam_member").values()
        if grant["role"] == "roles/datastore.user"
        for condition in grant["condition"]
    }
    kept = [
        *restored.instances("google_firestore_field").values(),
        *restored.instances("google_firestore_backup_schedule").values(),
    ]

    assert used == {"tock-restored"}
    assert conditions == {'resource.name == "projects/acme-agents/databases/tock-restored"'}
    assert {each["database"] for each in kept} == {"tock-restored"}
    assert restored.resources["google_firestore_database.this"]["name"] == "tock-data", "nothing is destroyed"


@pytest.mark.parametrize(("days", "schedules"), [(0, 0), (1, 1), (98, 1)])
def test_backups_are_kept_as_long_as_asked(
    evaluated_with: Callable[..., Evaluation], days: int, schedules: int
) -> None:
    backups = evaluated_with(backup_days=days).instances("google_firestore_backup_schedule")

    assert [backup["retention"] for backup in backups.values()] == [f"{days * 86400}s"] * schedules


def _policies_of_fields(evaluated: Evaluation) -> set[str]:
    return {field["deletion_policy"] for field in evaluated.instances("google_firestore_field").values()}


def _collections() -> set[str]:
    """What the store's module of paths names: the constants, and the collection of the scheduler's document."""
    constants = {
        node.value.value
        for node in ast.parse(STORE.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    return {constant.split("/")[0] for constant in constants}
