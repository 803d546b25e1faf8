"""Whole resources as the API shows them, with defaults for what a test does not name."""

from datetime import timedelta
from typing import Any

from ports.documents import NOW, STAMP, a_project, a_run, a_trigger, an_agent
from tock.core.run.messages.signal import Signal, SignalKind
from tock.core.run.run import Attempt
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.web.resources.agent import AgentResource
from tock.web.resources.projects.project import ProjectResource
from tock.web.resources.runs.run import AttemptShape, RunResource
from tock.web.resources.runs.signal import SignalResource
from tock.web.resources.triggers.trigger import TriggerResource


def a_page(name: str, *items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A page of a listing, the last one."""
    return {name: list(items), "unreadable": [], "next_page_token": None, **fields}


def shown_project(**fields: Any) -> dict[str, Any]:
    return ProjectResource.of(a_project()).model_dump(mode="json") | fields


def shown_agent(**fields: Any) -> dict[str, Any]:
    return AgentResource.of(an_agent()).model_dump(mode="json") | fields


def shown_trigger(**fields: Any) -> dict[str, Any]:
    return TriggerResource.of(a_trigger(), last_run=None, now=NOW).model_dump(mode="json") | fields


def shown_run(**fields: Any) -> dict[str, Any]:
    """A run on request that succeeded."""
    run = a_run(
        "r",
        agent="a",
        trigger=None,
        source=RunSource.MANUAL,
        status=RunStatus.SUCCEEDED,
        check_at=None,
        finished=NOW + timedelta(seconds=1),
    )
    return RunResource.of(run).model_dump(mode="json") | fields


def shown_attempt(**fields: Any) -> dict[str, Any]:
    """An attempt that ended with a wait."""
    ended = NOW + timedelta(seconds=1)
    attempt = Attempt(
        number=1, status=AttemptStatus.WAITING, owner="runner", started=NOW, ended=ended, agent_revision=1
    )
    return AttemptShape.of(attempt).model_dump(mode="json") | fields


def shown_signal(**fields: Any) -> dict[str, Any]:
    signal = Signal(
        project="acme",
        run="r",
        number=3,
        kind=SignalKind.STEER,
        by=STAMP.by,
        at=NOW,
        request="0f",
        expire_at=NOW + timedelta(days=90),
    )
    return SignalResource.of(signal).model_dump(mode="json") | fields


def shown_events(*events: dict[str, Any], since: int, status: str = "running", **fields: Any) -> dict[str, Any]:
    """A page of a run's events."""
    return {"events": list(events), "unreadable": [], "next_since": since, "status": status, **fields}
