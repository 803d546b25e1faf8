"""The evaluated Terraform, which the tests share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.evaluation import Evaluation, evaluate, terraform

#: The variables of the deployment that the tests look at.
VARIABLES: dict[str, Any] = {
    "project": "acme-agents",
    "name": "tock",
    "admin_key_hash": "0" * 64,
    "alert_emails": ["oncall@example.com"],
    "billing_account": "012345-6789AB-CDEF01",
    "run_queues": 2,
    "run_secrets": {"MODEL_KEY": "model-key"},
    "second_region": "europe-west4",
    "signing_version": "3",
}


@pytest.fixture(scope="session")
def needs_terraform() -> None:
    if terraform() is None:
        pytest.skip("Terraform is not installed: https://developer.hashicorp.com/terraform/install")


@pytest.fixture(scope="session")
def evaluated_with(
    needs_terraform: None,  # noqa: ARG001 - whoever asks for this is skipped with that
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Evaluation]:
    """Evaluates the Terraform with other variables than the usual ones."""

    def evaluated(**variables: Any) -> Evaluation:
        workspace: Path = tmp_path_factory.mktemp("terraform")
        (workspace / "source.zip").write_bytes(b"")
        return evaluate(VARIABLES | {"source_archive": "source.zip"} | variables, workspace=workspace)

    return evaluated


@pytest.fixture(scope="session")
def evaluated(evaluated_with: Callable[..., Evaluation]) -> Evaluation:
    return evaluated_with()
