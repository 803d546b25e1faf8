"""What a stack has stored: documents, tasks and their clock. The identity, the ports and the log are no part of it."""

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

from tock.local.clock.clock_file import CLOCK_FILE

_DOCUMENTS = "firestore"
_TASKS = "cloud_tasks*"


def has_data(data: Path) -> bool:
    """Whether a stack has stored documents or tasks in this folder."""
    return (data / _DOCUMENTS).exists() or any(data.glob(_TASKS))


def delete_data(data: Path) -> None:
    """Delete the documents and tasks of this folder, and their clock."""
    (data / CLOCK_FILE).unlink(missing_ok=True)
    shutil.rmtree(data / _DOCUMENTS, ignore_errors=True)
    for file in data.glob(_TASKS):
        file.unlink()


def undo_of_start(data: Path) -> Callable[[], None]:
    """Return what a start calls that fails: it deletes what is there if nothing was before, or gives the clock back."""
    if not has_data(data):
        return functools.partial(delete_data, data)
    file = data / CLOCK_FILE
    before = file.read_bytes() if file.exists() else None

    def restore() -> None:
        if before is None:
            file.unlink(missing_ok=True)
        else:
            file.write_bytes(before)

    return restore
