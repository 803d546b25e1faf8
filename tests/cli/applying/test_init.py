"""`tock init`: what it writes, and what it leaves alone."""

import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tock import packaged_files
from tock.cli.main import main
from tock.definitions.registry import forget
from tock.manifest.project_file import read_project_file
from tock.manifest.read import read_definitions


@pytest.fixture
def init(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["tock", "init", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out + output.err

    return run


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_an_empty_folder_becomes_a_project_and_the_next_command_is_said(init: Any, tmp_path: Path) -> None:
    code, said = init()

    assert code == 0
    assert names(tmp_path) == {"agents.py", "test_agents.py", "tock.toml", "README.md", ".gitignore"}
    assert said.splitlines()[-1] == "Next: tock dev"
    assert ".tock/" in (tmp_path / ".gitignore").read_text()


def test_another_folder_is_made_and_the_way_there_is_said(init: Any, tmp_path: Path) -> None:
    code, said = init("deep/my agents")

    assert code == 0
    assert "agents.py" in names(tmp_path / "deep" / "my agents")
    assert said.splitlines()[-1] == "Next: cd 'deep/my agents' && tock dev"


@pytest.mark.parametrize("template", packaged_files.templates())
def test_each_template_defines_what_a_plan_accepts(
    init: Any, tmp_path: Path, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _ = init("--template", template)
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("agents", None)
    forget("agents")

    found = read_definitions(read_project_file(tmp_path).definitions)

    assert code == 0
    assert "agent" in {entry.kind for entry in found}


def test_the_program_of_a_template_can_be_started(init: Any, tmp_path: Path) -> None:
    init("--template", "command")

    assert os.access(tmp_path / "count", os.X_OK)


@pytest.mark.parametrize("name", ["agents.py", "tock.toml"])
def test_nothing_is_written_where_a_file_is_in_the_way(init: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")

    code, said = init()

    assert code == 1
    assert f"{name} exists in {tmp_path}: nothing was written." in said
    assert "tock init my-agents" in said
    assert names(tmp_path) == {name}
    assert (tmp_path / name).read_text() == "mine"


def test_a_link_that_leads_nowhere_is_in_the_way_too(init: Any, tmp_path: Path) -> None:
    (tmp_path / "agents.py").symlink_to(tmp_path / "elsewhere.py")

    code, said = init()

    assert code == 1
    assert "agents.py exists" in said
    assert not (tmp_path / "elsewhere.py").exists()


def test_a_readme_and_a_gitignore_stay_as_they_are(init: Any, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / ".gitignore").write_text("mine")

    code, said = init()

    assert code == 0
    assert (tmp_path / "README.md").read_text() == (tmp_path / ".gitignore").read_text() == "mine"
    assert "README.md stays as it was." in said
    assert ".gitignore stays as it was: add .tock/ to it." in said


@pytest.mark.parametrize(
    ("template", "remedy"), [("pyton", "did you mean python?"), ("x", "give one of approval, command, http, llm, ")]
)
def test_an_unknown_template_is_named_with_those_that_there_are(init: Any, template: str, remedy: str) -> None:
    code, said = init("--template", template)

    assert code == 2
    assert f"--template: there is no template '{template}': {remedy}" in " ".join(said.split())


def test_a_folder_that_cannot_be_is_one_sentence(init: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    code, said = init("file")

    assert code == 1
    assert "file cannot be written: File exists." in said
    assert "Traceback" not in said


def test_the_templates_are_the_examples_that_run_with_tock_dev_alone() -> None:
    for folder in packaged_files.templates().values():
        project = tomllib.loads((folder / "tock.toml").read_text())
        assert project["definitions"] == ["agents"]
        assert (folder / "README.md").read_text().count("\ntock dev\n") == 1
