"""The demo's Python agents, as users write them."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from pydantic import BaseModel

from tock.core.run.outcome import Waiting
from tock.local.demo.git_history import Commit, read_history
from tock.ports.executor import RunContext

#: How many lines the writer writes, one a second.
LINES = 6
#: How many attempts of the flaky agent fail before one succeeds.
BAD_ATTEMPTS = 2


class Digest(BaseModel):
    """The result of the digest agent."""

    headline: str
    text: str
    commits: int
    model: str


async def digest(run: RunContext) -> Digest:
    """Write a digest of a git repository's last week, or of its newest commits if that week has none."""
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
    """Fail twice, then succeed, like an agent whose provider is down for a while."""
    if run.attempt <= BAD_ATTEMPTS:
        raise ConnectionError(f"the provider closed the connection on attempt {run.attempt}")
    return {"worked_on_attempt": run.attempt}


async def pulse(run: RunContext) -> dict[str, str]:
    """Return the run's fire time."""
    return {"fire_time": run.scheduled_for.isoformat()}


def long_job(run: RunContext) -> dict[str, int]:
    """Work for some seconds in blocking code, and emit an event after each step of a second."""
    steps = int(run.input.get("steps", 8))
    for step in range(1, steps + 1):
        time.sleep(1)
        run.emit("step", {"step": step, "of": steps, "attempt": run.attempt})
    return {"steps": steps}


async def writer(run: RunContext) -> Waiting | dict[str, Any]:
    """Write a text line by line, take what people say meanwhile, and ask before it is published.

    The text is the run's session, so a resumed run goes on with it.
    """
    text = await run.load_session() or {"lines": [], "approved": False}
    if run.answer is None:
        await _write(run, text["lines"])
    else:
        text["approved"] = bool(run.answer.approved)
    await run.save_session(text)
    if not text["approved"] and run.answer is None:
        return run.request_approval(f"Publish these {len(text['lines'])} lines?")
    return text


async def _write(run: RunContext, lines: list[str]) -> None:
    wish = run.message or ""
    for _ in range(LINES):
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                wish = (await run.messages())[-1].message
        lines.append(wish)
        run.emit("line", {"text": wish})


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
