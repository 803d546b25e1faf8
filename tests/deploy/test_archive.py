"""The source archive: its contents, and that everybody who builds it gets the same bytes."""

import ast
import hashlib
import json
import shutil
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from tock.cli.main import main
from tock.deploy.archive import LEFT_OUT, Source, build_archive
from tock.deploy.errors import CannotHold, CannotWrite, DeployError, SourceMissing
from tock.deploy.requirements import canonical, pinned

FUNCTIONS = Path(__file__).parents[2] / "functions"
#: What runs in the cloud. A room, or a file that is no Python, gets into the archive by being written down here.
ROOMS = (*("app", "auth", "bootstrap", "client", "core", "definitions", "executors", "ports", "queue", "store", "web"),)
#: Measured: 1,815,000 bytes in November 2026, of which 180,000 are the requirements and their bill of materials.
LARGEST = 3_000_000


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The functions in another folder, at another time, readable by their owner only."""
    there = tmp_path / "copy"
    shutil.copytree(FUNCTIONS, there, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copyfile)
    for file in there.rglob("*.py"):
        file.chmod(0o600)
    return there


def _names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return opened.namelist()


def test_it_holds_what_runs_in_the_cloud_and_nothing_else(tmp_path: Path) -> None:
    built = build_archive(tmp_path / "tock.zip", source=Source.below(FUNCTIONS))

    rooms = [file for room in ROOMS for file in (FUNCTIONS / "tock" / room).rglob("*.py")]
    console = FUNCTIONS / "tock" / "web" / "console"
    shown = (file for folder in ("assets", "templates") for file in (console / folder).rglob("*.*"))
    rooms += (file for file in shown if file.suffix not in {".py", ".pyc"})
    expected = {"main.py", "requirements.txt", "tock/__init__.py", "tock/google_rpc.py", "tock/version.py"}
    expected |= {file.relative_to(FUNCTIONS).as_posix() for file in rooms}
    assert _names(built.path) == sorted({*expected, "tock.cdx.json"}) == list(built.names)
    with zipfile.ZipFile(built.path) as opened:
        assert {name: opened.read(name) for name in expected} == {
            name: (FUNCTIONS / name).read_bytes() for name in expected
        }
    assert built.size == built.path.stat().st_size < LARGEST
    assert built.sha256 == hashlib.sha256(built.path.read_bytes()).hexdigest()


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_in_it_imports_what_is_not_in_it_or_not_pinned(tmp_path: Path) -> None:
    built = build_archive(tmp_path / "tock.zip", source=Source.below(FUNCTIONS))

    # What an extra installs is imported only where the extra is asked for.
    pins = {pin.name for file in FUNCTIONS.glob("requirements*.txt") for pin in pinned(file.read_text())}
    libraries = {
        module for module, names in packages_distributions().items() if pins & {canonical(name) for name in names}
    }
    allowed = libraries | sys.stdlib_module_names | {"tock"}
    with zipfile.ZipFile(built.path) as opened:
        imports = {
            (name, module)
            for name in built.names
            if name.endswith(".py")
            for module in _imported(ast.parse(opened.read(name)))
        }
    assert len(imports) > len(built.names)
    assert [pair for pair in sorted(imports) if pair[1].partition(".")[0] not in allowed] == []
    left_out = tuple(f"tock.{room}." for room in LEFT_OUT)
    assert [pair for pair in sorted(imports) if f"{pair[1]}.".startswith(left_out)] == []


def test_its_bill_of_materials_lists_what_its_requirements_pin(tmp_path: Path) -> None:
    further = tmp_path / "acme.txt"
    further.write_text(f"solo==1.0 --hash=sha256:{'a' * 64}\n")

    built = build_archive(tmp_path / "tock.zip", source=Source.below(FUNCTIONS), requirements=further)

    with zipfile.ZipFile(built.path) as opened:
        bill = json.loads(opened.read("tock.cdx.json"))
        pins = pinned(opened.read("requirements.txt").decode())
    listed = {(library["name"], library["version"], len(library["hashes"])) for library in bill["components"]}
    assert listed == {(pin.name, pin.version, len(pin.hashes)) for pin in pins}
    assert ("solo", "1.0", 1) in listed
    assert bill["metadata"]["component"]["version"] == version("tock")


def test_the_same_content_gives_the_same_bytes_whatever_lies_about(copy: Path, tmp_path: Path) -> None:
    for litter in (
        "__pycache__/main.cpython-311.pyc",
        "tock/__pycache__/x.nbi",
        "tock/app/old.pyc",
        "tock/.DS_Store",
        "tock/core/.env",
        "tock/core/.cache/x.py",
        "tests/test_x.py",
        "notes.txt",
    ):
        (copy / litter).parent.mkdir(parents=True, exist_ok=True)
        (copy / litter).write_text("litter")

    first = build_archive(tmp_path / "first.zip", source=Source.below(FUNCTIONS))
    second = build_archive(tmp_path / "deep" / "second.zip", source=Source.below(copy))

    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.sha256 == second.sha256


def test_every_entry_is_plain_uncompressed_and_without_a_time(tmp_path: Path) -> None:
    built = build_archive(tmp_path / "tock.zip", source=Source.below(FUNCTIONS))

    with zipfile.ZipFile(built.path) as opened:
        shapes = {
            (entry.date_time, entry.external_attr >> 16, entry.create_system, entry.compress_type)
            for entry in opened.infolist()
        }
    assert shapes == {((1980, 1, 1, 0, 0, 0), 0o100644, 3, zipfile.ZIP_STORED)}


def test_other_content_gives_another_archive(copy: Path, tmp_path: Path) -> None:
    before = build_archive(tmp_path / "before.zip", source=Source.below(copy))
    (copy / "tock" / "core" / "cron.py").write_text("")

    after = build_archive(tmp_path / "after.zip", source=Source.below(copy))

    assert after.sha256 != before.sha256


@pytest.mark.parametrize("missing", ["main.py", "requirements.txt", "tock"])
def test_without_a_file_of_the_source_it_says_what_to_do(copy: Path, tmp_path: Path, missing: str) -> None:
    shutil.move(copy / missing, tmp_path / "away")

    with pytest.raises(SourceMissing, match=f"{copy / missing}.* is missing") as raised:
        build_archive(tmp_path / "tock.zip", source=Source.below(copy))

    assert raised.value.remedies == ("Install it again: pip install --force-reinstall tock",)
    assert not (tmp_path / "tock.zip").exists()


def test_a_link_to_a_folder_is_named_instead_of_left_out(copy: Path, tmp_path: Path) -> None:
    (copy / "tock" / "core" / "more").symlink_to(copy / "tock" / "app")

    with pytest.raises(CannotHold, match=r"core/more: it is a link to a folder"):
        build_archive(tmp_path / "tock.zip", source=Source.below(copy))


def test_a_failure_leaves_the_earlier_archive_as_it_was(copy: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "tock.zip"
    before = build_archive(output, source=Source.below(copy))
    (copy / "tock" / "core" / "gone").symlink_to(tmp_path / "nowhere")

    with pytest.raises(DeployError, match="neither a file nor a folder"):
        build_archive(output, source=Source.below(copy))

    assert hashlib.sha256(output.read_bytes()).hexdigest() == before.sha256
    assert list(output.parent.iterdir()) == [output]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CannotWrite, match=r"file/tock\.zip cannot be written: "):
        build_archive(tmp_path / "file" / "tock.zip", source=Source.below(FUNCTIONS))


def test_the_command_builds_it_and_says_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = build_archive(tmp_path / "expected.zip", source=Source.below(FUNCTIONS))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["tock", "archive"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code in (None, 0)
    assert (tmp_path / "tock.zip").read_bytes() == expected.path.read_bytes()
    assert f"tock.zip: {len(expected.names)} files, {expected.size:,} bytes, sha256 {expected.sha256}" in (
        capsys.readouterr().out
    )
