"""Downloads a pinned release of the Firestore emulator, for machines without one."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from tock.local.errors import DownloadFailed

#: The URL below which Google publishes the emulator's releases.
BASE_URL = "https://storage.googleapis.com/firebase-preview-drop/emulator"

_TIMEOUT_SECONDS = 30.0
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Release:
    """One published jar, identified by its size in bytes and its SHA-256."""

    version: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """The jar's file name, in Google's bucket and in the cache."""
        return f"cloud-firestore-emulator-v{self.version}.jar"


#: The release that the Firebase tools 15 use.
PINNED = Release(
    version="1.22.0",
    size=136_707_194,
    sha256="9b6498b7f62714d67f48f59b3818883cd682dbcd46b9f59511de81c97bb5166c",
)


def download(
    release: Release,
    *,
    to: Path,
    base_url: str = BASE_URL,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Path:
    """Download the release to `to` and return `to`; the file appears only when it is complete and checked.

    `progress` is called with (bytes so far, bytes in all) about once per megabyte.

    Raises:
        DownloadFailed: no connection, an answer other than 200, or a file with another size or digest.
    """
    url = f"{base_url}/{release.name}"
    to.parent.mkdir(parents=True, exist_ok=True)
    draft = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        _fetch(url, release=release, to=draft, progress=progress)
        draft.replace(to)
    except httpx.HTTPStatusError as exc:
        raise DownloadFailed(url, reason=f"the server answered {exc.response.status_code}") from exc
    except httpx.HTTPError as exc:
        raise DownloadFailed(url, reason=str(exc) or type(exc).__name__) from exc
    finally:
        draft.unlink(missing_ok=True)
    return to


def _fetch(url: str, *, release: Release, to: Path, progress: Callable[[int, int], None]) -> None:
    digest, done = hashlib.sha256(), 0
    with (
        httpx.stream("GET", url, timeout=_TIMEOUT_SECONDS, follow_redirects=True) as answer,
        to.open("wb") as file,
    ):
        answer.raise_for_status()
        for chunk in answer.iter_raw(_CHUNK):
            done += len(chunk)
            if done > release.size:
                break
            digest.update(chunk)
            file.write(chunk)
            progress(done, release.size)
    if done != release.size:
        shown = f"more than {release.size}" if done > release.size else f"{done}"
        raise DownloadFailed(url, reason=f"it has {shown} bytes, not {release.size}")
    if digest.hexdigest() != release.sha256:
        raise DownloadFailed(url, reason=f"its SHA-256 is {digest.hexdigest()}, not {release.sha256}")
