"""The demonstration's agents in Python: what an author of agents writes."""

import time

from pydantic import BaseModel

from tock.local.demo.git_history import Commit, read_history
from tock.ports.executor import RunContext

#: How often the flaky agent fails before it works.
BAD_ATTEMPTS = 2


class Digest(BaseModel):
    """What the digest agent returns."""

    headline: str
    text: str
    commits: int
    model: str


async def digest(run: RunContext) -> Digest:
    """Read a git repository's last week (or, when it was quiet, its newest commits) and write a digest of it."""
    repository = str(run.input.get("repo", "."))
    period, commits = await read_history(repository)
    run.emit("progress", {"read": len(commits)})
    return Digest(
        headline=f"{len(commits)} commits {period}",
        text=_digest_text(commits),
        commits=len(commits),
        model=run.model or "demo-small",
    )


async def flaky(run: RunContext) -> dict[str, int]:
    """Fail twice, then work: what a provider with a bad morning does."""
    if run.attempt <= BAD_ATTEMPTS:
        raise ConnectionError(f"the provider hung up on attempt {run.attempt}")
    return {"worked_on_attempt": run.attempt}


async def pulse(run: RunContext) -> dict[str, str]:
    """Say which fire time this is."""
    return {"fire_time": run.scheduled_for.isoformat()}


def long_job(run: RunContext) -> dict[str, int]:
    """Work for some seconds in blocking code, step by step; the steps show how far it got."""
    steps = int(run.input.get("steps", 8))
    for step in range(1, steps + 1):
        time.sleep(1)
        run.emit("step", {"step": step, "of": steps, "attempt": run.attempt})
    return {"steps": steps}


def _digest_text(commits: list[Commit]) -> str:
    authors: dict[str, int] = {}
    places: dict[str, int] = {}
    for commit in commits:
        authors[commit.author] = authors.get(commit.author, 0) + 1
        for path, changed in commit.changes.items():
            place = path.split("/")[0]
            places[place] = places.get(place, 0) + changed
    lines = [f"{name}: {count} commits" for name, count in _most(authors)]
    lines += [f"{place}: {count} lines changed" for place, count in _most(places)]
    lines += [f"{commit.day} {commit.subject}" for commit in commits[:8]]
    return "\n".join(lines)


def _most(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]
