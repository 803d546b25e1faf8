"""A bad request: its status, the refused field and a part of the message; and the paths that bad requests have."""

from dataclasses import dataclass, field
from typing import Any

from web.rig import DAILY

PROJECT = "/v1/projects/acme"
TRIGGERS = f"{PROJECT}/triggers"
MORNING = f"{TRIGGERS}/morning"
UPCOMING = "/v1/projects/acme/upcoming"
AGENTS = f"{PROJECT}/agents"
RUNS = f"{PROJECT}/runs"
PREVIEW = f"{TRIGGERS}:preview"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Bad:
    """A request, and what is refused about it: the field, when there is one, and a piece of the text."""

    method: str
    path: str
    body: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 400
    at: str | None = None
    says: str = ""
    edge: str = "api"


def trigger(at: str, says: str, **fields: Any) -> Bad:
    body = {"agent": "digest", "schedule": DAILY} | fields
    return Bad("POST", TRIGGERS, {key: value for key, value in body.items() if value is not ...}, at=at, says=says)


def cron(text: Any, says: str, at: str = "schedule.cron") -> Bad:
    return trigger(at, says, schedule={"cron": text})


def start(at: str | None, says: str, **fields: Any) -> Bad:
    return Bad("POST", "/", {"project": "acme"} | fields, at=at, says=says, edge="trigger")


def retry(at: str | None, says: str, **fields: Any) -> Bad:
    return Bad("POST", "/", {"project": "acme"} | fields, at=at, says=says, edge="retry")
