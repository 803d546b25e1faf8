"""Variables say what they mean and refuse what Google Cloud would refuse later; outputs say what they are."""

from collections.abc import Callable
from typing import Any

import hcl2
import pytest

from infra.configuration import INFRA, arguments, of_kind, text
from infra.evaluation import Evaluation, Refused

EXAMPLE = "terraform.tfvars.example"


def test_every_variable_has_a_type_and_says_what_it_means() -> None:
    unsaid = [item.name for item in of_kind("variable") if not {"type", "description"} <= item.body.keys()]

    assert unsaid == []


def test_every_output_says_what_it_is() -> None:
    assert [item.name for item in of_kind("output") if "description" not in item.body] == []


def test_what_has_no_default_is_what_tock_deploy_gives() -> None:
    required = {item.name for item in of_kind("variable") if "default" not in item.body}

    assert required == {"project", "source_archive", "admin_key_hash"}


def test_the_example_is_accepted(evaluated_with: Callable[..., Evaluation]) -> None:
    example = _example()

    outputs = evaluated_with(**example).outputs

    assert set(example) <= {item.name for item in of_kind("variable")}
    assert outputs["project"] == example["project"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        pytest.param({"project": "123456789012"}, "project must be", id="a project's number"),
        pytest.param({"region": "eur3"}, "region must be", id="a multi-region for functions"),
        pytest.param({"second_region": "europe-west1"}, "second_region must be", id="twice the same region"),
        pytest.param({"name": "Tock"}, "name must be", id="a name with capitals"),
        pytest.param({"name": "a-name-of-17-char"}, "name must be", id="a name too long for an account"),
        pytest.param({"admin_key_hash": "tock-admin-key"}, "never the key itself", id="a key instead of its hash"),
        pytest.param(
            {"python_modules_by_project": {"*": []}}, "python_modules_by_project must have", id="a star of modules"
        ),
        pytest.param(
            {"allowed_hosts_by_project": {"*": []}}, "allowed_hosts_by_project must have", id="a star of hosts"
        ),
        pytest.param({"api_callers": ["team@example.com"]}, "api_callers must be", id="a caller without its kind"),
        pytest.param({"run_environment": {"TOCK_SHARDS": "1"}}, "must not set TOCK_", id="a setting of Tock's own"),
        pytest.param({"run_environment": {"K_SERVICE": "x"}}, "must not set", id="what Cloud Run sets"),
        pytest.param({"run_secrets": {"TOCK_SECRETS": "x"}}, "must not set TOCK_", id="a secret setting of Tock's own"),
        pytest.param(
            {"run_environment": {"KEY": "x"}, "run_secrets": {"KEY": "x"}}, "run_secrets must not", id="set twice"
        ),
        pytest.param({"signing_version": "latest"}, "signing_version must be", id="a version that moves"),
        pytest.param({"workspace_bytes": 0.5}, "workspace_bytes must be", id="half a byte"),
        pytest.param({"run_queues": 0}, "run_queues must be", id="no queue"),
        pytest.param({"run_queues": 1.5}, "run_queues must be", id="half a queue"),
        pytest.param({"run_rate": 501}, "at most 500", id="more than a queue carries"),
        pytest.param({"run_deliveries": 5001}, "1 to 5000", id="more than a queue delivers"),
        pytest.param({"run_concurrency": 1001}, "1 to 1000", id="more than an instance takes"),
        pytest.param({"run_memory": "1G"}, "run_memory must be", id="memory in tens"),
        pytest.param({"shards": 121}, "1 to 120", id="more shards than four queries"),
        pytest.param({"tick_instances": 0}, "tick_instances must be", id="no instance of tick"),
        pytest.param({"tick_concurrency": 0}, "tick_concurrency must be", id="an instance that takes no tick"),
        pytest.param({"run_token_key": 0}, "run_token_key must be", id="no key of run tokens"),
        pytest.param({"lease": "40s"}, "lease must be", id="a lease that is not ISO 8601"),
        pytest.param({"heartbeat": "10"}, "heartbeat must be", id="a heartbeat without a unit"),
        pytest.param({"retention": "90d"}, "retention must be", id="a retention that is not ISO 8601"),
        pytest.param({"backup_days": 99}, "14 weeks", id="backups for too long"),
        pytest.param({"billing_account": "billingAccounts/1"}, "billing_account must", id="a billing account's path"),
        pytest.param({"monthly_budget": 0.5}, "monthly_budget must be", id="half a dollar"),
    ],
)
def test_what_google_cloud_would_refuse_is_refused_at_once(
    evaluated_with: Callable[..., Evaluation], variables: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        evaluated_with(**variables)


def _example() -> dict[str, Any]:
    values = arguments(hcl2.loads((INFRA / EXAMPLE).read_text()))
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return text(value) if isinstance(value, str) else value
