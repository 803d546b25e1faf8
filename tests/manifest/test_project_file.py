"""`tock.toml`: what it says, and what is said of mistakes in it."""

from pathlib import Path

import pytest

from tock.manifest.problem import DefinitionsRefused
from tock.manifest.project_file import DevFields, ProjectFile, read_project_file


def test_a_folder_without_the_file_defines_nothing(tmp_path: Path) -> None:
    assert read_project_file(tmp_path) == ProjectFile()


def test_the_file_names_definitions_and_what_the_local_stack_has(tmp_path: Path) -> None:
    text = 'definitions = ["acme.agents", "tock.yaml"]\n[dev]\ncommands = "commands.json"\npath = ["bin"]\n'
    (tmp_path / "tock.toml").write_text(text)

    found = read_project_file(tmp_path)

    dev = DevFields(commands="commands.json", path=("bin",))
    assert found == ProjectFile(definitions=("acme.agents", "tock.yaml"), dev=dev)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"definitions = [", "tock.toml: is not TOML: "),
        (b"\xff", "tock.toml: is not UTF-8: "),
        (
            b'definitons = ["agents"]',
            "tock.toml: definitons ",
        ),
        (b'definitions = "agents"', "tock.toml: definitions 'agents': must be a list"),
        (b"[dev]\ncommand = 1", "tock.toml: dev.command 1: is not known here: did you mean commands?"),
    ],
    ids=["no TOML", "no UTF-8", "a misspelt field", "a text", "a misspelt field of a table"],
)
def test_a_mistake_is_one_sentence_with_its_remedy(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "tock.toml").write_bytes(content)

    with pytest.raises(DefinitionsRefused) as raised:
        read_project_file(tmp_path)

    [problem] = raised.value.problems
    assert problem.sentence.startswith(said)


def test_a_folder_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "tock.toml").mkdir()

    with pytest.raises(DefinitionsRefused) as raised:
        read_project_file(tmp_path)

    assert raised.value.problems[0].sentence.startswith("tock.toml: cannot be read: ")
