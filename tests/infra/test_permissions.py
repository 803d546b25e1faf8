"""Least privilege: what each identity may do and on what, as one table; nobody else may do anything."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from infra.configuration import of_kind
from infra.evaluation import Evaluation

DOCUMENTS = ("roles/datastore.user", "project, if it is database tock-data")
RUNS = {("roles/cloudtasks.enqueuer", "queue tock-runs-0"), ("roles/cloudtasks.enqueuer", "queue tock-runs-1")}
ACTS_AS_CALLER = ("roles/iam.serviceAccountUser", "account caller")
INVOKER = "roles/run.invoker"
SECRET = "roles/secretmanager.secretAccessor"

ALLOWED: dict[str, set[tuple[str, str]]] = {
    "tick": {DOCUMENTS, *RUNS, ("roles/cloudtasks.enqueuer", "queue tock-ticks"), ACTS_AS_CALLER},
    "run": {
        *(DOCUMENTS, *RUNS, ACTS_AS_CALLER),
        *((SECRET, "secret tock-signing"), (SECRET, "secret tock-run-tokens"), (SECRET, "secret model-key")),
    },
    "trigger": {DOCUMENTS, *RUNS, ACTS_AS_CALLER},
    "retry": {DOCUMENTS, *RUNS, ACTS_AS_CALLER},
    "api": {
        *(DOCUMENTS, *RUNS, ACTS_AS_CALLER),
        *((SECRET, "secret tock-signing"), (SECRET, "secret tock-run-tokens")),
    },
    "caller": {(INVOKER, "service tock-tick"), (INVOKER, "service tock-run")},
    "build": {
        ("roles/artifactregistry.writer", "repository tock"),
        ("roles/logging.logWriter", "project"),
        ("roles/storage.objectViewer", "bucket acme-agents-tock-source"),
        ("roles/storage.objectViewer", "project, if it is a bucket of Cloud Functions' sources"),
    },
    "allUsers": {(INVOKER, "service tock-api"), (INVOKER, "service tock-retry"), (INVOKER, "service tock-trigger")},
}
CONDITIONS = {
    'resource.name == "projects/acme-agents/databases/tock-data"': "database tock-data",
    'resource.name.startsWith("projects/_/buckets/gcf-v2-sources-123456789012-europe-west1")': (
        "a bucket of Cloud Functions' sources"
    ),
}
#: What says which thing a role is given on, of each kind of grant.
ON = {
    "google_artifact_registry_repository_iam_member": ("repository", "repository"),
    "google_cloud_run_service_iam_member": ("service", "service"),
    "google_cloud_tasks_queue_iam_member": ("queue", "name"),
    "google_project_iam_member": ("project", None),
    "google_secret_manager_secret_iam_member": ("secret", "secret_id"),
    "google_service_account_iam_member": ("account", "service_account_id"),
    "google_storage_bucket_iam_member": ("bucket", "bucket"),
}


def test_every_identity_has_exactly_the_roles_it_needs(evaluated: Evaluation) -> None:
    assert _granted(evaluated) == ALLOWED


def test_a_function_takes_cloud_runs_word_only_where_the_caller_alone_may_invoke_it(evaluated: Evaluation) -> None:
    """Anybody could write claims without a signature, where anybody gets in."""
    told = {
        function
        for function in ("tick", "run", "trigger", "retry", "api")
        if evaluated.service(function)["environment_variables"]["TOCK_BEHIND_IAM"] == "true"
    }
    closed = {service.removeprefix("service tock-") for role, service in ALLOWED["caller"] if role == INVOKER}

    assert told == closed == {"tick", "run"}


def test_every_grant_is_of_a_kind_that_the_table_reads_and_adds_to_what_others_grant() -> None:
    granting = {item.type for item in of_kind("resource") if "_iam_" in item.type}

    assert granting == set(ON)


def test_a_role_is_never_a_basic_one(evaluated: Evaluation) -> None:
    roles = {role for grants in _granted(evaluated).values() for role, _ in grants}

    assert roles & {"roles/owner", "roles/editor", "roles/viewer"} == set()


def test_whoever_may_act_as_an_account_may_do_so_as_the_caller_alone(evaluated: Evaluation) -> None:
    acting = {
        on for grants in _granted(evaluated).values() for role, on in grants if role.startswith("roles/iam.serviceAcc")
    }

    assert acting == {"account caller"}


@pytest.mark.parametrize("function", ["tick", "run"])
def test_only_the_caller_may_invoke_what_cloud_scheduler_and_cloud_tasks_call(
    evaluated_with: Callable[..., Evaluation], function: str
) -> None:
    evaluated = evaluated_with(api_callers=["allUsers", "group:team@example.com"])

    granted = _granted(evaluated)

    assert {who for who, grants in granted.items() if (INVOKER, f"service tock-{function}") in grants} == {"caller"}
    assert evaluated.service(function)["ingress_settings"] == "ALLOW_INTERNAL_ONLY"


def test_the_api_is_open_to_those_who_are_named(evaluated_with: Callable[..., Evaluation]) -> None:
    evaluated = evaluated_with(api_callers=["group:team@example.com"])

    granted = _granted(evaluated)

    assert "allUsers" not in granted
    assert granted["group:team@example.com"] == ALLOWED["allUsers"]
    assert evaluated.instances("google_monitoring_uptime_check_config") == {}


@pytest.mark.parametrize("function", ["tick", "run", "trigger", "retry", "api"])
def test_every_function_has_its_own_identity_and_is_built_by_another(evaluated: Evaluation, function: str) -> None:
    [build] = evaluated.resources[f"google_cloudfunctions2_function.this[{function}]"]["build_config"]

    assert evaluated.service(function)["service_account_email"] == f"google_service_account.function[{function}].email"
    assert build["service_account"] == "google_service_account.build.id"


def test_whoever_calls_tick_and_carries_tasks_is_the_caller(evaluated: Evaluation) -> None:
    callers = {
        job["http_target"][0]["oidc_token"][0]["service_account_email"]
        for job in evaluated.instances("google_cloud_scheduler_job").values()
    }
    accepted = {
        evaluated.service(function)["environment_variables"]["TOCK_SERVICE_ACCOUNT"] for function in ("tick", "run")
    }

    assert callers == accepted == {"google_service_account.caller.email"}


def test_no_account_has_a_key_that_could_be_stolen() -> None:
    assert [item.address for item in of_kind("resource") if item.type == "google_service_account_key"] == []


def test_only_run_and_api_read_secrets(evaluated: Evaluation) -> None:
    readers = {
        function
        for function in ("tick", "run", "trigger", "retry", "api")
        if evaluated.service(function)["secret_environment_variables"]
    }

    assert readers == {"run", "api"}


def _granted(evaluated: Evaluation) -> dict[str, set[tuple[str, str]]]:
    granted: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for address, grant in evaluated.resources.items():
        type_name = address.split(".")[0]
        if type_name in ON:
            granted[_who(grant["member"])].add((grant["role"], _on(type_name, grant)))
    return dict(granted)


def _who(member: str) -> str:
    """The name of an account of this deployment, or the member as it is."""
    return (
        member.removeprefix("google_service_account.")
        .removesuffix(".member")
        .removeprefix("function[")
        .removesuffix("]")
    )


def _on(type_name: str, grant: Mapping[str, Any]) -> str:
    kind, argument = ON[type_name]
    named = kind if argument is None else f"{kind} {_who(grant[argument]).removesuffix('.name')}"
    conditions = [CONDITIONS[condition["expression"]] for condition in grant.get("condition", [])]
    return ", if it is ".join([named, *conditions])
