"""A user's own agents in the archive: at its top level, complete, and never in the place of another file."""

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tock.cli.main import main
from tock.deploy.archive import Source, build_archive
from tock.deploy.errors import CannotHold, CannotInclude

FUNCTIONS = Path(__file__).parents[2] / "functions"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with the package acme, the module nightly and whatever else lies about."""
    folder = tmp_path / "own"
    for name, text in {
        "acme/__init__.py": "",
        "acme/agents.py": "def greet(run): ...",
        "acme/prompts/hello.md": "Hello {{payload.name}}",
        "acme/.env": "SECRET=1",
        "acme/__pycache__/agents.cpython-311.pyc": "",
        "nightly.py": "async def sweep(run): ...",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_packages_and_modules_stand_at_the_top_without_secrets_and_caches(own: Path, tmp_path: Path) -> None:
    plain = build_archive(tmp_path / "plain.zip", source=Source.below(FUNCTIONS))

    built = build_archive(
        tmp_path / "tock.zip", source=Source.below(FUNCTIONS), include=[own / "acme", own / "nightly.py"]
    )

    more = {"acme/__init__.py", "acme/agents.py", "acme/prompts/hello.md", "nightly.py"}
    assert set(built.names) - set(plain.names) == more
    assert list(built.names) == sorted(built.names)
    with zipfile.ZipFile(built.path) as opened:
        assert opened.read("acme/prompts/hello.md") == b"Hello {{payload.name}}"


def test_a_folder_is_named_by_what_it_is_called_however_it_is_written(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own / "acme" / "prompts")

    built = build_archive(tmp_path / "tock.zip", source=Source.below(FUNCTIONS), include=[Path("..")])

    assert "acme/prompts/hello.md" in built.names
    assert [name for name in built.names if ".." in name] == []


def _package(folder: Path, name: str) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").touch()
    return folder / name


def _file(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()
    return folder / name


def test_a_library_that_is_pinned_but_not_installed_here_keeps_its_name(tmp_path: Path) -> None:
    further = tmp_path / "acme.txt"
    further.write_text(f"not-installed-here==1 --hash=sha256:{'a' * 64}\n")
    given = _package(tmp_path / "given", "not_installed_here")

    with pytest.raises(CannotInclude, match="taken by the library not-installed-here"):
        build_archive(tmp_path / "tock.zip", source=Source.below(FUNCTIONS), include=[given], requirements=further)


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "nothing there": (lambda here: here / "nowhere", "nowhere: it does not exist"),
    "tock": (lambda here: _package(here, "tock"), "the name 'tock' is taken by Tock itself"),
    "main.py": (lambda here: _file(here, "main.py"), "the name 'main' is taken by Tock itself"),
    "main": (lambda here: _package(here, "main"), "the name 'main' is taken by Tock itself"),
    "the standard library's": (lambda here: _package(here, "json"), "the name 'json' is taken by Python itself"),
    "a pinned library's": (lambda here: _package(here, "pydantic"), "'pydantic' is taken by the library pydantic"),
    "a pinned namespace": (lambda here: _package(here, "google"), "the name 'google' is taken by the library "),
    "the same again": (lambda here: _file(here, "acme.py"), "the name 'acme' is taken by --include"),
    "not importable": (lambda here: _package(here, "my-agents"), "Python cannot import a module named 'my-agents'"),
    "a keyword": (lambda here: _package(here, "async"), "Python cannot import a module named 'async'"),
    "no module": (lambda here: _file(here, "acme.toml"), "it is not a Python module"),
    "no Python": (lambda here: _file(here / "prompts", "hello.md").parent, "it contains no Python file"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_go_in_is_named_with_its_reason(
    own: Path, tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    path = make(tmp_path / "given")

    with pytest.raises(CannotInclude) as raised:
        build_archive(tmp_path / "tock.zip", source=Source.below(FUNCTIONS), include=[own / "acme", path])

    assert str(raised.value).startswith(f"--include {path}: ")
    assert words in str(raised.value)
    assert raised.value.remedies
    assert not (tmp_path / "tock.zip").exists()


def test_an_archive_does_not_hold_itself(own: Path) -> None:
    with pytest.raises(CannotInclude, match="would contain itself"):
        build_archive(own / "acme" / "tock.zip", source=Source.below(FUNCTIONS), include=[own / "acme"])


def test_a_link_that_leads_in_a_circle_is_named(own: Path, tmp_path: Path) -> None:
    (own / "acme" / "again").symlink_to(own / "acme")

    with pytest.raises(CannotHold, match=r"acme/again: it is a link to a folder"):
        build_archive(tmp_path / "tock.zip", source=Source.below(FUNCTIONS), include=[own / "acme"])


def test_at_the_terminal_a_refusal_is_a_sentence_and_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tock", "archive", "--output", str(tmp_path / "x.zip"), "--include", "nowhere"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines() == [
        "Error: --include nowhere: it does not exist.",
        "  Give a package's folder or a module's file.",
    ]
