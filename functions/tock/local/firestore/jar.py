"""Finds or downloads the jar of the Firestore emulator, and reads which Java release it needs."""

import itertools
import re
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tock.local.errors import DownloadFailed, FirestoreMissing
from tock.local.firestore.release import BASE_URL, PINNED, Release, download

#: The emulator's main class, the same in the jars of the Google Cloud SDK and of the Firebase tools.
MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"

_TIMEOUT_SECONDS = 60
#: A class file's version minus the Java release it needs: 55 needs Java 11, 61 Java 17, 65 Java 21 (The Java Virtual
#: Machine Specification, table 4.1-A).
_CLASS_FILE_OFFSET = 44


def find_jar(
    *,
    environment: Mapping[str, str],
    home: Path,
    release: Release = PINNED,
    base_url: str = BASE_URL,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Path:
    """Return the Google Cloud SDK's jar, or the newest of the Firebase tools, or Tock's own, downloaded on first use.

    Raises:
        FirestoreMissing: there is none and it cannot be downloaded; the message lists all ways to get one.
    """
    cached = cache(environment, home=home) / release.name
    for jar in itertools.chain(_sdk_jars(environment), _firebase_jars(home), [cached]):
        if jar.is_file():
            return jar
    try:
        return download(release, to=cached, base_url=base_url, progress=progress)
    except DownloadFailed as exc:
        raise FirestoreMissing(reason=str(exc), jar=cached) from exc


def cache(environment: Mapping[str, str], *, home: Path) -> Path:
    """Return Tock's cache directory, as defined by the XDG base directory specification."""
    named = environment.get("XDG_CACHE_HOME", "")
    return (Path(named) if Path(named).is_absolute() else home / ".cache") / "tock"


def needed_java(jar: Path) -> int:
    """Return the feature release of Java that the jar was compiled for.

    Raises:
        FirestoreMissing: the file is not a Firestore emulator.
    """
    try:
        with zipfile.ZipFile(jar) as archive, archive.open(MAIN_CLASS.replace(".", "/") + ".class") as file:
            _, _, version = struct.unpack(">IHH", file.read(8))
    except (zipfile.BadZipFile, KeyError, struct.error) as exc:
        raise FirestoreMissing(reason=f"{jar} is not a Firestore emulator", jar=jar) from exc
    return int(version) - _CLASS_FILE_OFFSET


def _sdk_jars(environment: Mapping[str, str]) -> Iterator[Path]:
    inside = Path("platform/cloud-firestore-emulator/cloud-firestore-emulator.jar")
    if root := environment.get("CLOUDSDK_ROOT_DIR"):
        yield Path(root) / inside
    if gcloud := shutil.which("gcloud", path=environment.get("PATH", "")):
        yield Path(gcloud).resolve().parent.parent / inside
        try:
            answer = subprocess.run(  # noqa: S603 - the executable is the user's own gcloud
                [gcloud, "info", "--format=value(installation.sdk_root)"],
                capture_output=True,
                text=True,
                env=dict(environment),
                timeout=_TIMEOUT_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return
        yield Path(answer.stdout.strip()) / inside


def _firebase_jars(home: Path) -> list[Path]:
    """Return the jars of the Firebase tools, newest version first."""
    found = (home / ".cache" / "firebase" / "emulators").glob("cloud-firestore-emulator-v*.jar")
    return sorted(found, key=lambda jar: [int(number) for number in re.findall(r"\d+", jar.name)], reverse=True)
