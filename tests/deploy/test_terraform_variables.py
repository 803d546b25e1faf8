"""Which installation is deployed: by the options, then Terraform's own variables, then the defaults."""

from pathlib import Path

import pytest

from tock.deploy.errors import ValueMissing
from tock.deploy.terraform_variables import Installation, assigned

NONE = {"project": None, "region": None, "name": None}


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in NONE:
        monkeypatch.delenv(f"TF_VAR_{variable}", raising=False)


def test_an_option_goes_before_files_files_before_the_environment_and_defaults_come_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_VAR_project", "of-environment")
    monkeypatch.setenv("TF_VAR_name", "environment")
    text = 'name = "file"\nsecond_region = "europe-west4"\nrestored_database = "restored"\n'
    (tmp_path / "terraform.tfvars").write_text(text)

    found = Installation.named(**NONE, infra=tmp_path)

    more = {"second_region": "europe-west4", "restored_database": "restored"}
    assert found == Installation(project="of-environment", region="europe-west1", name="file", **more)
    assert found.state_bucket == "of-environment-file-terraform"
    given = Installation.named(project="of-option", region="us-east1", name="option", infra=tmp_path)
    assert given == Installation(project="of-option", region="us-east1", name="option", **more)


def test_later_files_go_before_earlier_ones_as_terraform_reads_them(tmp_path: Path) -> None:
    for file, text in {
        "terraform.tfvars": 'a = "1"\nb = "1"\nc = "1"\nd = "1"',
        "terraform.tfvars.json": '{"b": "2", "c": "2", "d": "2", "number": 2}',
        "a.auto.tfvars": 'c = "3"\nd = "3"',
        "b.auto.tfvars.json": '{"d": "4"}',
        "other.tfvars": 'a = "never"',
    }.items():
        (tmp_path / file).write_text(text)

    found = assigned(tmp_path)

    assert {name: found.get(name) for name in ("a", "b", "c", "d", "number")} == {
        "a": "1",
        "b": "2",
        "c": "3",
        "d": "4",
        "number": None,
    }


def test_only_what_stands_at_the_top_is_a_variable(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfvars").write_text(
        """
# name = "comment"
python_modules = ["acme.agents"]  # a bracket ( in a comment
run_environment = {
  region = "inside"
  text   = "a brace } in a text"
  name   = "inside"
}
  region  =  "us-east1"   # after
"""
    )

    assert {name: assigned(tmp_path).get(name) for name in NONE} == {
        "project": None,
        "region": "us-east1",
        "name": None,
    }


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfvars.json").write_text("{")

    with pytest.raises(ValueMissing, match=r"terraform\.tfvars\.json: it is not JSON"):
        assigned(tmp_path)
