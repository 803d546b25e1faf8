"""The part of the gate that what an attempt left in its git workspace passes."""

import re
from typing import Any

from tock.core.json.value import text_of, whole_characters
from tock.core.run.outcome import Workspace

#: The most files that are named, and the most characters of a path.
MAX_FILES = 100
MAX_PATH = 512
_MAX_TEXT = 1_000
#: A whole object name of git: nothing that its command line could take for something else.
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def workspace_of(given: Any) -> Workspace | None:
    """Return the workspace with its texts and files bounded, as it can be stored; None for anything else."""
    if not isinstance(given, Workspace):
        return None
    files = given.files if isinstance(given.files, tuple) else ()
    return Workspace(
        repository=_text(given.repository),
        branch=_text(given.branch),
        commit=None if given.commit is None else _text(given.commit),
        start_commit=given.start_commit if _is_commit(given.start_commit) else None,
        dirty=bool(given.dirty),
        files=tuple(whole_characters(text_of(path)[:MAX_PATH]) for path in files[:MAX_FILES]),
        changed=given.changed if isinstance(given.changed, int) and 0 <= given.changed < 2**53 else len(files),
        ref=None if given.ref is None else _text(given.ref),
        warning=None if given.warning is None else _text(given.warning),
    )


def _is_commit(value: Any) -> bool:
    return isinstance(value, str) and _COMMIT.fullmatch(value) is not None


def _text(value: Any) -> str:
    return whole_characters(text_of(value)[:_MAX_TEXT])
