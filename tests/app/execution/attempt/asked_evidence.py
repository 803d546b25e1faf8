"""Runs that evidence is asked of, and an agent that shows everything."""

from datetime import timedelta
from typing import Any

from app.rig import AGENT, Rig
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.manage.agents import edit_agent
from tock.core.run.outcome import Succeeded, Usage
from tock.core.run.run import Run
from tock.core.run.status import RunStatus

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
STARS = {"type": "object", "properties": {"stars": {"type": "integer"}}, "required": ["stars"]}
ALL = {"output_schema": STARS, "events": ["read", "pull_request"], "min_tokens": 10}
GOOD = Behaviour(
    Succeeded({"stars": 5}, usage=Usage(input_tokens=4)),
    emits=[("read", None), ("pull_request", {"number": 7}), ("read", None)],
    uses=[Usage(3, 3)],
)


async def a_run(rig: Rig, *, by: str, evidence: Any, **spec: Any) -> Run:
    """Return a due run whose trigger, or agent, asks for this evidence."""
    if by == "trigger":
        return await one_due_run(rig, **{"retry": {"max_retries": 0}, "evidence": evidence} | spec)
    run = await one_due_run(rig, **{"retry": {"max_retries": 0}} | spec)
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"evidence": evidence}, by="ada")
    return run


def error_of(run: Run) -> tuple[RunStatus, str, bool]:
    assert run.error is not None
    return run.status, run.error.type, run.error.retryable
