"""Where Terraform runs: a named folder, this folder's `infra`, or a copy of Tock's own files."""

from pathlib import Path

import pytest

from tock.deploy.errors import InfraMissing
from tock.deploy.infra_folder import InfraFolder


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "functions.tf").write_text("new")
    return folder


def _find(tmp_path: Path, shipped: Path, named: Path | None = None) -> InfraFolder:
    here = tmp_path / "here"
    here.mkdir(exist_ok=True)
    return InfraFolder.find(named, here=here, shipped=shipped, work=here / ".tock" / "infra")


def test_a_named_folder_is_used_in_place(tmp_path: Path, shipped: Path) -> None:
    named = tmp_path / "mine"
    named.mkdir()
    (named / "main.tf").touch()

    assert _find(tmp_path, shipped, named) == InfraFolder(named)


def test_a_named_folder_without_terraform_is_refused(tmp_path: Path, shipped: Path) -> None:
    with pytest.raises(InfraMissing, match="There are no Terraform files in"):
        _find(tmp_path, shipped, tmp_path / "nowhere")


def test_the_infra_of_this_folder_is_used_in_place(tmp_path: Path, shipped: Path) -> None:
    infra = tmp_path / "here" / "infra"
    infra.mkdir(parents=True)
    (infra / "main.tf").touch()

    assert _find(tmp_path, shipped) == InfraFolder(infra)


def test_else_tocks_own_files_run_in_a_copy_with_the_values_of_this_folder(tmp_path: Path, shipped: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "terraform.tfvars").write_text('region = "us-west1"')
    (here / "more.auto.tfvars").write_text("shards = 16")
    (here / ".terraform.lock.hcl").write_text("locked")

    found = _find(tmp_path, shipped)

    assert found == InfraFolder(here / ".tock" / "infra", values=here)
    assert {file.name: file.read_text() for file in found.path.iterdir()} == {
        "functions.tf": "new",
        "terraform.tfvars": 'region = "us-west1"',
        "more.auto.tfvars": "shards = 16",
        ".terraform.lock.hcl": "locked",
    }


def test_a_copy_of_an_earlier_version_leaves_nothing_behind_but_what_terraform_keeps(
    tmp_path: Path, shipped: Path
) -> None:
    work = _find(tmp_path, shipped).path
    (work / "gone.tf").write_text("old")
    (work / "terraform.tfvars").write_text("old")
    (work / ".terraform").mkdir()

    _find(tmp_path, shipped)

    assert sorted(entry.name for entry in work.iterdir()) == [".terraform", "functions.tf"]


def test_the_lock_file_of_a_copy_comes_back_to_the_values(tmp_path: Path, shipped: Path) -> None:
    found = _find(tmp_path, shipped)
    (found.path / ".terraform.lock.hcl").write_text("fresh")

    found.keep_lock()

    assert (tmp_path / "here" / ".terraform.lock.hcl").read_text() == "fresh"


def test_a_package_without_its_terraform_says_so(tmp_path: Path) -> None:
    with pytest.raises(InfraMissing):
        _find(tmp_path, tmp_path / "nowhere")
