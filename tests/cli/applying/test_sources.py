"""What a command reads: what it names, or what tock.toml names."""

from pathlib import Path

import pytest

from tock.cli.applying.sources import named_modules, named_sources, sources_of
from tock.cli.errors import CommandError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_definitions_of_the_folder_are_read_unless_a_command_names_others(folder: Path) -> None:
    (folder / "tock.toml").write_text('definitions = ["acme.agents", "tock.yaml"]\n')

    assert named_sources(None) == named_sources([]) == sources_of(None) == ("acme.agents", "tock.yaml")
    assert named_modules(None) == ("acme.agents",)
    assert (sources_of(["shop"]), named_modules(["shop", "a.json"])) == (("shop",), ("shop",))


@pytest.mark.usefixtures("folder")
def test_a_command_that_needs_definitions_says_how_to_name_them() -> None:
    assert named_sources(None) == named_modules(None) == ()
    with pytest.raises(CommandError, match="No module and no file with definitions is named"):
        sources_of(None)
