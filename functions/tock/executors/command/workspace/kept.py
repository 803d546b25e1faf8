"""Reads what an attempt left in its working copy, and keeps it on a ref of the remote for a later run.

Tock's git works with the configuration of its clone, an index of its own, and a folder of its own for new objects. Of
what the agent owns it reads only the files, the objects, and the name of the head.
"""

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tock.core.run.gate import MAX_FILES
from tock.core.run.outcome import Workspace
from tock.executors.command.workspace.git import GitFailed, git
from tock.executors.command.workspace.own_folders import require_own_folders
from tock.executors.command.workspace.working_copy import WorkingCopy

#: How long the calls of git may take each after the agent has ended by itself.
LONGEST_CALL = timedelta(minutes=2)
#: The mode of a submodule in an index.
_SUBMODULE = b"160000 "


async def kept(copy: WorkingCopy) -> Workspace:
    """Return what the attempt left, after it was pushed to the run's own ref of the remote.

    Whatever cannot be read or kept is a warning: the agent's work is done.
    """
    try:
        left, commit = await _read(copy)
    except (GitFailed, OSError) as exc:
        return copy.unread(f"The workspace could not be read, so nothing of it is kept: {exc}")
    try:
        await _push(copy, commit)
    except GitFailed as exc:
        return replace(left, warning=" ".join(filter(None, [left.warning, f"The workspace could not be kept: {exc}"])))
    copy.note_kept(commit)
    return replace(left, ref=copy.ref)


async def read(copy: WorkingCopy) -> Workspace:
    """Return what a command left in the workspace of another run; it stays on this instance only."""
    try:
        left, _ = await _read(copy)
    except (GitFailed, OSError) as exc:
        return copy.unread(f"The workspace could not be read: {exc}")
    warning = "What the command changed stays on this instance, and is not kept." if left.changed else None
    return replace(left, warning=warning)


async def _read(copy: WorkingCopy) -> tuple[Workspace, str]:
    """Return what is in the workspace, and a commit that holds all of it. Raises GitFailed, OSError."""
    await asyncio.to_thread(require_own_folders, copy)
    branch, head = await _head(copy)
    commit, tree, dirty = await _commit(copy, head=head)
    files = await _changed(copy, tree=tree)
    left = Workspace(
        repository=copy.repository,
        branch=branch,
        commit=head,
        start_commit=copy.base,
        dirty=dirty,
        files=tuple(files[:MAX_FILES]),
        changed=len(files),
        warning="There is work that no commit of the agent's holds." if dirty else None,
    )
    return left, commit


async def _head(copy: WorkingCopy) -> tuple[str, str]:
    own = copy.work / ".git"
    # Without ^{commit}, which would look for the object, and fetch it where the agent says, in a partial clone.
    head = (await git("rev-parse", "--verify", "HEAD", folder=own, within=LONGEST_CALL)).decode().strip()
    try:
        name = await git("symbolic-ref", "--quiet", "--short", "HEAD", folder=own, within=LONGEST_CALL)
    except GitFailed:
        return copy.branch, head  # no branch is checked out
    return name.decode(errors="replace").strip(), head


async def _commit(copy: WorkingCopy, *, head: str) -> tuple[str, str, bool]:
    """Return a commit of all files on top of the head, its tree, and whether the tree differs from the head's."""
    await _run(copy, "read-tree", head)
    modules = [
        entry for entry in (await _run(copy, "ls-files", "--stage", "-z")).split(b"\0") if entry.startswith(_SUBMODULE)
    ]
    # Git would look for changes in a submodule with the configuration that the agent has left there.
    paths = b"".join(entry.partition(b"\t")[2] + b"\0" for entry in modules)
    await _run(copy, "update-index", "--force-remove", "-z", "--stdin", given=paths)
    await _exclude_other_repositories(copy)
    await _run(copy, "add", "--all", config={"core.excludesFile": str(_excludes(copy))})
    there = (await _run(copy, "ls-files", "-z")).split(b"\0")
    as_before = [entry for entry in modules if not _is_taken(entry.partition(b"\t")[2], by=there)]
    await _run(copy, "update-index", "-z", "--index-info", given=b"".join(entry + b"\0" for entry in as_before))
    tree = (await _run(copy, "write-tree")).decode().strip()
    before = (await _run(copy, "rev-parse", "--verify", f"{head}^{{tree}}")).decode().strip()
    message = f"Workspace of the run {copy.run}\n"
    parents = ("-p", head) if head == copy.base else ("-p", head, "-p", copy.base)
    commit = await _run(copy, "commit-tree", tree, *parents, given=message.encode())
    return commit.decode().strip(), tree, tree != before


def _is_taken(path: bytes, *, by: list[bytes]) -> bool:
    """Return whether there are files now where the head has a submodule."""
    return any(name == path or name.startswith(path + b"/") for name in by)


async def _exclude_other_repositories(copy: WorkingCopy) -> None:
    """Leave out the repositories inside the workspace; `git add` would take them for submodules, or fail at them."""
    others = (await _run(copy, "ls-files", "--others", "--exclude-standard", "-z")).decode(errors="surrogateescape")
    lines = [f"/{_escaped(path)}\n" for path in others.split("\0") if path.endswith("/")]
    _excludes(copy).write_text("".join(lines), encoding="utf-8", errors="surrogateescape")


def _excludes(copy: WorkingCopy) -> Path:
    return copy.folder / "excludes"


def _escaped(path: str) -> str:
    return "".join(f"\\{character}" if character in "\\*?[]!# " else character for character in path)


async def _changed(copy: WorkingCopy, *, tree: str) -> list[str]:
    options = ("-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv")
    printed = await _run(copy, "diff-tree", *options, copy.base, tree)
    return [path for path in printed.decode(errors="replace").split("\0") if path]


async def _push(copy: WorkingCopy, commit: str) -> None:
    # Only if the ref is as this attempt found it: an attempt that has lost its run must not overwrite the next one's.
    lease = f"--force-with-lease={copy.ref}:{copy.kept}"
    await git(
        *("push", "--quiet", "--no-verify", lease, "--", copy.remote.repository.url, f"{commit}:{copy.ref}"),
        folder=copy.clone.folder,
        variables=_outside(copy),
        remote=copy.remote,
        within=LONGEST_CALL,
    )


async def _run(copy: WorkingCopy, *arguments: str, given: bytes = b"", config: dict[str, str] | None = None) -> bytes:
    return await git(
        *arguments,
        folder=copy.clone.folder,
        variables=_outside(copy),
        config=config,
        given=given,
        within=LONGEST_CALL,
    )


def _outside(copy: WorkingCopy) -> dict[str, str]:
    """Return the variables with which the clone's git sees the agent's files and objects, and writes beside them."""
    objects = copy.folder / "objects"
    objects.mkdir(exist_ok=True)
    return {
        "GIT_WORK_TREE": str(copy.work),
        "GIT_INDEX_FILE": str(copy.folder / "index"),
        "GIT_OBJECT_DIRECTORY": str(objects),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(
            [str(copy.clone.folder / "objects"), str(copy.work / ".git" / "objects")]
        ),
    }
