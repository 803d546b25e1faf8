"""Writes files so that a kill or a power failure leaves the old content or the new one, never a part of it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def replace_file(path: Path, *, text: str) -> None:
    """Write the text (UTF-8) to the file, new or not, and return when the disk has it.

    Raises OSError; the file is then as it was.
    """
    with _draft(path, text=text, mode=0o666) as draft:
        draft.replace(path)
    sync(path.parent)


def create_file(path: Path, *, text: str) -> None:
    """Create the file for its owner only, unless it exists, and return when the disk has it. Raises OSError."""
    with _draft(path, text=text, mode=0o600) as draft:
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    sync(path.parent)


def sync(path: Path) -> None:
    """Return when the disk has the content of this file, or the names in this folder. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _draft(path: Path, *, text: str, mode: int) -> Iterator[Path]:
    """Yield a hidden file beside `path` that the disk has; remove it afterwards if it is still there."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        draft.touch(mode=mode, exist_ok=False)
        draft.write_text(text, encoding="utf-8")
        sync(draft)
        yield draft
    finally:
        draft.unlink(missing_ok=True)
