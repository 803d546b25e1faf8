"""Reads the recent commits of a git repository with `git log`."""

from dataclasses import dataclass

import anyio

from tock.executors.python.agent_error import AgentError

_RECORD, _FIELD = "\x1e", "\x1f"
#: How many of the newest commits are read if the last week has none.
NEWEST = 30


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its author, day (of the author date) and subject, and the number of changed lines per file."""

    author: str
    day: str
    subject: str
    changes: dict[str, int]


async def read_history(repository: str) -> tuple[str, list[Commit]]:
    """Return a phrase for the period, and its commits, newest first.

    Raises AgentError, not retryable, if git cannot read the repository (with git's message) or is not installed.
    """
    commits = await _log(repository, "--since=7.days")
    if commits:
        return "in the last week", commits
    return "most recently", await _log(repository, f"--max-count={NEWEST}")


async def _log(repository: str, limit: str) -> list[Commit]:
    fields = _FIELD.join(("%an", "%ad", "%s"))
    command = ["git", "-C", repository, "log", limit, "--numstat", "--date=short", f"--format={_RECORD}{fields}"]
    try:
        done = await anyio.run_process(command, check=False)
    except FileNotFoundError as exc:
        raise AgentError("git is not installed on this machine", retryable=False) from exc
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace").strip()
        raise AgentError(f"git cannot read {repository}: {message}", retryable=False)
    records = done.stdout.decode(errors="replace").split(_RECORD)[1:]
    return [_commit(record) for record in records]


def _commit(record: str) -> Commit:
    head, *rest = record.strip("\n").split("\n")
    author, day, subject = head.split(_FIELD, 2)
    changes: dict[str, int] = {}
    for line in rest:
        added, removed, path = [*line.split("\t"), "", "", ""][:3]
        if path:
            changes[path] = sum(int(count) for count in (added, removed) if count.isdigit())
    return Commit(author=author, day=day, subject=subject, changes=changes)
