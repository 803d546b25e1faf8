"""A run's working copy: a repository of its own, whose objects come from the clone, and its restored state.

The agent owns the copy, its configuration included. So Tock's own git works in it only once, before the agent starts;
afterwards `kept.py` reads it from outside.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from tock.core.run.events.event_kind import EventKind
from tock.core.run.outcome import Workspace
from tock.executors.command.remote import Remote
from tock.executors.command.workspace.clone import RUNS, Clone
from tock.executors.command.workspace.git import GitFailed, git
from tock.ports.executor import RunContext

#: The file in a copy's folder that names the commit which keeps it.
_KEPT = "kept"


class RefMissing(Exception):
    """The remote has no branch, tag or kept state of this name; the message says which."""


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """The folder of one attempt of a run: `work` is the agent's, everything beside it is Tock's."""

    folder: Path
    clone: Clone
    remote: Remote
    repository: str
    run: str
    #: What the run began with: changed files are counted from there.
    base: str
    #: The commit of the run's kept state as this attempt found it; empty if there was none.
    kept: str

    @property
    def work(self) -> Path:
        """The folder that the agent works in."""
        return self.folder / "work"

    @property
    def alternates(self) -> str:
        """What the agent's repository says of where it finds further objects: in the clone."""
        return f"{self.clone.folder / 'objects'}\n"

    @property
    def ref(self) -> str:
        """The ref of the remote that keeps the run's state."""
        return f"{RUNS}/{self.run}"

    @property
    def branch(self) -> str:
        """The branch that the agent begins on."""
        return branch_of(self.run)

    def note_kept(self, commit: str) -> None:
        """Note beside the agent's folder which commit of the run's ref holds all that is in it."""
        with contextlib.suppress(OSError):  # a later command then works in a restored copy
            (self.folder / _KEPT).write_text(commit, encoding="utf-8")

    def unread(self, problem: str) -> Workspace:
        """Return what is known of the workspace if it cannot be read: an earlier attempt may have kept something."""
        return Workspace(
            repository=self.repository,
            branch=self.branch,
            commit=None,
            start_commit=self.base,
            ref=self.ref if self.kept else None,
            warning=problem,
        )


def is_kept_by(folder: Path, commit: str) -> bool:
    """Whether the working copy in this folder was left as this commit of its run's ref keeps it."""
    try:
        return (folder / _KEPT).read_text(encoding="utf-8") == commit
    except OSError:
        return False


def branch_of(run: str) -> str:
    """Return the branch of a run's workspace."""
    return f"tock/{run}"


async def working_copy(
    folder: Path, *, clone: Clone, remote: Remote, repository: str, context: RunContext
) -> WorkingCopy:
    """Make the working copy of an attempt in an empty folder.

    1. A later attempt or leg begins with what an earlier one of the run kept.
    2. A run that is resumed begins with what its source kept, on a branch of its own.
    3. A run that repeats another begins with the commit that one began with; if it is gone, as below, with a warning.
    4. Otherwise it begins with the branch or tag that the run asks for, by default the repository's.

    Raises RefMissing, GitFailed.
    """
    found = await clone.fetched(_wanted(context, default=remote.repository.ref), remote=remote)
    if found is None:
        raise RefMissing(_absence(context, repository=repository, default=remote.repository.ref))
    ref, state = found
    own = ref == f"{RUNS}/{context.run}"
    head, base = state, state
    if ref.startswith(f"{RUNS}/"):
        head, begun = await _parts(clone, state)
        base = begun if own else state
    elif context.start_commit is not None:
        head = base = state = await _start(context, clone=clone, remote=remote, head=state)
    copy = WorkingCopy(
        folder=folder,
        clone=clone,
        remote=remote,
        repository=repository,
        run=context.run,
        base=base,
        kept=state if own else "",
    )
    await _fill(copy, state=state, head=head, agent=context.agent)
    return copy


async def kept_state(clone: Clone, *, remote: Remote, repository: str, run: str) -> str:
    """Return the commit that keeps the workspace of a settled run. Raises RefMissing, GitFailed."""
    found = await clone.fetched([f"{RUNS}/{run}"], remote=remote)
    if found is None:
        raise RefMissing(f"The repository {repository!r} keeps nothing of the run {run} any more: start a new run.")
    return found[1]


def left_copy(folder: Path, *, clone: Clone, remote: Remote, repository: str, run: str, state: str) -> WorkingCopy:
    """Return the working copy that a settled run has left in the folder, kept as `state` on its ref."""
    return WorkingCopy(folder=folder, clone=clone, remote=remote, repository=repository, run=run, base=state, kept="")


async def restore(copy: WorkingCopy, *, agent: str) -> None:
    """Make the working copy of a settled run again, in an empty folder. Raises GitFailed."""
    head, _ = await _parts(copy.clone, copy.base)
    await _fill(copy, state=copy.base, head=head, agent=agent)
    copy.note_kept(copy.base)


def _wanted(context: RunContext, *, default: str) -> list[str]:
    ref = context.ref or default
    beginning = (
        [f"refs/heads/{ref}", f"refs/tags/{ref}"]
        if context.resumed_from is None
        else [f"{RUNS}/{context.resumed_from}"]
    )
    return [f"{RUNS}/{context.run}", *beginning] if context.attempt > 1 else beginning


def _absence(context: RunContext, *, repository: str, default: str) -> str:
    if context.resumed_from is not None:
        return (
            f"The repository {repository!r} keeps nothing of the run {context.resumed_from} any more, which this run"
            " resumes: start a new run instead."
        )
    ref = context.ref or default
    return f"The repository {repository!r} has no branch or tag {ref!r}: push it, or give the run another ref."


async def _start(context: RunContext, *, clone: Clone, remote: Remote, head: str) -> str:
    """Return the commit that the run is to begin with, or the head of its ref if that commit is gone."""
    wanted = context.start_commit or head
    if await clone.has(wanted, remote=remote):
        return wanted
    text = f"The commit {wanted}, with which the run that this one repeats began, is gone: this run begins at {head}."
    context.host.notice(EventKind.WARNING, {"text": text})
    return head


async def _parts(clone: Clone, kept: str) -> tuple[str, str]:
    """Return the head of a kept state, and what its run began with: the parents of its commit."""
    listed = await git("rev-list", "--parents", "--max-count=1", kept, folder=clone.folder)
    _, *parents = listed.decode().split()
    if not parents:
        raise GitFailed(f"The commit {kept} on {RUNS} keeps no workspace: it has no parent.", final=True)
    return parents[0], parents[-1]


async def _fill(copy: WorkingCopy, *, state: str, head: str, agent: str) -> None:
    """Make the repository and write the files of `state`; what `head` has not is uncommitted work."""
    own = copy.work / ".git"
    own.mkdir(parents=True)
    inside = {"GIT_WORK_TREE": str(copy.work)}
    await git("init", "--quiet", "--template=", folder=own, variables=inside)
    (own / "objects" / "info").mkdir(exist_ok=True)
    (own / "objects" / "info" / "alternates").write_text(copy.alternates, encoding="utf-8")
    for name, value in {
        "user.name": agent,
        "user.email": f"{agent}@tock.invalid",
        "remote.origin.url": copy.remote.repository.url,
        "remote.origin.fetch": "+refs/heads/*:refs/remotes/origin/*",
    }.items():
        await git("config", name, value, folder=own)
    await git("update-ref", f"refs/heads/{copy.branch}", head, folder=own)
    await git("symbolic-ref", "HEAD", f"refs/heads/{copy.branch}", folder=own)
    await git("read-tree", state, folder=own, variables=inside)
    await git("checkout-index", "--all", "--force", "--quiet", folder=own, variables=inside)
    if state != head:
        await git("read-tree", head, folder=own, variables=inside)
    try:
        await git("update-index", "-q", "--refresh", folder=own, variables=inside)
    except GitFailed:
        # It says by its exit code that there is uncommitted work.
        return
