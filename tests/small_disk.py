"""A disk that is full after a few hundred kilobytes, or that cannot be written."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A file system of its own, in memory."""

    folder: Path

    def fill(self) -> None:
        """Leave no byte free."""
        with (self.folder / "filler").open("wb", buffering=0) as file:
            size = 1 << 16
            while size:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    size //= 2

    def free(self) -> None:
        """Undo `fill`."""
        (self.folder / "filler").unlink()

    def forbid_writing(self) -> None:
        """Make it read-only for everybody, root included. No file may be open for writing."""
        _mount("-o", "remount,ro", str(self.folder))

    def allow_writing(self) -> None:
        """Undo `forbid_writing`."""
        _mount("-o", "remount,rw", str(self.folder))


@contextmanager
def small_disk(folder: Path, *, size: str) -> Iterator[SmallDisk]:
    """Mount a disk of this size ("1m") on the folder. Skip the test where mounting is not permitted."""
    folder.mkdir(parents=True, exist_ok=True)
    if sys.platform != "linux":
        pytest.skip("a small disk is made with Linux's tmpfs")
    try:
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    except subprocess.CalledProcessError as exc:
        pytest.skip(f"mounting a disk is not permitted: {exc.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True, capture_output=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["/bin/mount", *arguments], check=True, capture_output=True, text=True)
