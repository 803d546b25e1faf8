"""A deployment for each test, and the code of this version and the one before."""

import io
import shutil
import subprocess
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tock.local.identity.token_issuer import TokenIssuer
from upgrade.deployment import Deployment, deployment_of
from waiting import TIMEOUT

ROOT = Path(__file__).parents[2]
#: The tag of the last version, and its commit, since a clone need not have tags.
TAG, PREVIOUS = (Path(__file__).parent / "previous.txt").read_text().split()


def git(*arguments: str) -> bytes:
    """Return what git says of this repository."""
    command = [shutil.which("git") or "git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT).stdout


@pytest.fixture
async def deployment(
    firestore_emulator: str,
    cloud_tasks_emulator: str,
    token_issuer: TokenIssuer,
    google_project: str,
    tmp_path: Path,
) -> AsyncIterator[Deployment]:
    async with deployment_of(
        firestore=firestore_emulator,
        cloud_tasks=cloud_tasks_emulator,
        token_issuer=token_issuer,
        project=google_project,
        folder=tmp_path,
    ) as deployment:
        yield deployment


@pytest.fixture
def current() -> Path:
    """The functions of this version."""
    return ROOT / "functions"


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    """The functions of the version before. A clone without history, as CI may make one, does not have them."""
    if git("rev-parse", "--is-shallow-repository").strip() == b"true":
        pytest.skip(f"a shallow clone: git fetch --unshallow gets {TAG} ({PREVIOUS})")
    with tarfile.open(fileobj=io.BytesIO(git("archive", PREVIOUS, "functions"))) as files:
        files.extractall(tmp_path / "previous", filter="data")
    return tmp_path / "previous" / "functions"
