"""The messages to an agent's URLs: JSON, signed by the Standard Webhooks scheme, with the agent's own headers."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tock.core.time.instant import instant_text
from tock.executors.described_run import described_run
from tock.executors.http.signature import signature
from tock.ports.executor import Callback, RunContext
from tock.ports.host import Message


@dataclass(frozen=True, slots=True)
class Post:
    """One POST: where to, what, and under which id; a repeated id is the same message."""

    url: str
    body: str
    id: str
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Sender:
    """What every message of an attempt is sent with."""

    headers: Mapping[str, str]
    #: The value of the header Authorization, or None.
    authorization: str | None
    #: The secret that signs messages, or None.
    secret: str | None

    def headers_of(self, message: Post, *, at: datetime) -> dict[str, str]:
        """Return the headers of a message that is sent at this time."""
        signed = {} if self.secret is None else {"webhook-signature": self._signature(message, at=at)}
        authorized = {} if self.authorization is None else {"Authorization": self.authorization}
        return {
            "User-Agent": "Tock",
            "Accept": "application/json, text/event-stream",
            **self.headers,
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "Idempotency-Key": message.idempotency_key,
            "webhook-id": message.id,
            "webhook-timestamp": str(int(at.timestamp())),
            **signed,
            **authorized,
        }

    def _signature(self, message: Post, *, at: datetime) -> str:
        return signature(self.secret or "", message_id=message.id, at=at, body=message.body)


def start_message(
    url: str,
    context: RunContext,
    *,
    callback: Callback | None,
    own_triggers: Mapping[str, str] | None = None,
    previous: dict[str, Any] | None = None,
) -> Post:
    """Return the message that starts an attempt.

    With `callback`, the agent may answer later; with `own_triggers`, it may list or create triggers of its own;
    `previous` says how earlier runs of its trigger ended.
    """
    later = {} if callback is None else {"state": context.state, "callback": asdict(callback)}
    triggers = {} if own_triggers is None else {"own_triggers": dict(own_triggers)}
    body = {**described_run(context, previous=previous), **later, **triggers}
    key = context.idempotency_key("http")
    return Post(url, json.dumps(body), id=f"{context.run}.{context.attempt}", idempotency_key=key)


def cancel_message(url: str, context: RunContext) -> Post:
    """Return the message that asks the agent to stop its work on the attempt."""
    return _about(context, url, "cancel", {})


def steer_message(url: str, context: RunContext, told: Message) -> Post:
    """Return the message that hands on what somebody tells the agent while it works."""
    signal = {"number": told.number, "kind": told.kind, "message": told.message, "by": told.by}
    return _about(context, url, f"signal.{told.number}", {"signal": {**signal, "at": instant_text(told.at)}})


def _about(context: RunContext, url: str, word: str, more: Mapping[str, Any]) -> Post:
    body = {"project": context.project, "run": context.run, "attempt": context.attempt, "agent": context.agent}
    message_id = f"{context.run}.{context.attempt}.{word}"
    return Post(url, json.dumps({**body, **more}), id=message_id, idempotency_key=message_id)
