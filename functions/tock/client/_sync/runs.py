# Made from the file of this name in `_async` by `make client`: change that one.
"""The runs of a project."""

from collections.abc import Iterator, Sequence
from typing import Any

from tock.app.start.retry import ConfigChoice
from tock.app.start.send_events import SentEvent
from tock.client._sync.event_stream import events_of
from tock.client._sync.listing import Listing
from tock.client._sync.run_handle import RunHandle
from tock.client._sync.sender import Sender
from tock.client.fields import GivenDuration, GivenInstant, SentEventFields
from tock.client.request import Request, given, key_or_new, request
from tock.client.server_sent import UnreadableEvents
from tock.core.run.events.event import Event
from tock.core.run.order import RunOrder
from tock.core.run.status import RunSource, RunStatus
from tock.web.resources.runs.event_page import EventPage
from tock.web.resources.runs.received import Received
from tock.web.resources.runs.run import CancelledRun, RunPage, RunResource
from tock.web.resources.runs.signal import SignalResource


class Runs:
    """Runs."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        status: RunStatus | str | Sequence[RunStatus | str] | None = None,
        agent: str | None = None,
        trigger: str | None = None,
        source: RunSource | str | None = None,
        subject: str | None = None,
        since: GivenInstant | None = None,
        until: GivenInstant | None = None,
        id_prefix: str | None = None,
        sort: RunOrder | str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        total: bool | None = None,
    ) -> Listing[RunResource, RunPage]:
        """List the project's runs, the latest scheduled_for first: those with any of the given statuses.

        `since` and `until` bound scheduled_for: at or after the one, before the other. `sort` is what orders them, the
        largest first: scheduled_for, started, duration or cost. `id_prefix` comes without other filters. With
        `total` the first page that is read says how many match.
        """
        return Listing(
            self._sender,
            self._sender.path("runs"),
            page=RunPage,
            items=lambda page: page.runs,
            query={
                "status": status,
                "agent": agent,
                "trigger": trigger,
                "source": source,
                "subject": subject,
                "since": since,
                "until": until,
                "id_prefix": id_prefix,
                "sort": sort,
                "page_size": page_size,
                "page_token": page_token,
                "total": total,
            },
        )

    def get(self, run: str) -> RunResource:
        """Return a run."""
        return self._sender.fetch(request("GET", self._sender.path("runs", run)), RunResource)

    def handle(self, run: str) -> RunHandle:
        """Read a run and return a handle on it, to wait for it, to watch it and to act on it."""
        return RunHandle(self, self.get(run))

    def delete(self, run: str) -> None:
        """Delete the record of a run that cannot be read. Every other record stays until it expires."""
        self._sender.perform(request("DELETE", self._sender.path("runs", run)))

    def cancel(self, run: str, *, reason: str | None = None) -> CancelledRun:
        """Cancel a run: at once if no attempt is at work, or else within seconds."""
        return self._sender.fetch(self._post(run, "cancel", given(reason=reason)), CancelledRun)

    def steer(
        self, run: str, message: str, *, mode: str | None = None, idempotency_key: str | None = None
    ) -> SignalResource:
        """Send a message to the agent of an active run: into the turn that is under way, or after it (`follow_up`)."""
        body = {"message": message, **given(mode=mode)}
        return self._sender.fetch(self._post(run, "steer", body, key=key_or_new(idempotency_key)), SignalResource)

    def approve(self, run: str, *, note: str | None = None, attempt: int | None = None) -> RunResource:
        """Approve what a run waits for; its next leg starts. `attempt` is the one that asked (default: any)."""
        return self._sender.fetch(self._post(run, "approve", given(note=note, attempt=attempt)), RunResource)

    def reject(self, run: str, *, note: str | None = None, attempt: int | None = None) -> RunResource:
        """Reject what a run waits for; its next leg starts, and finds the rejection. `attempt` is as for `approve`."""
        return self._sender.fetch(self._post(run, "reject", given(note=note, attempt=attempt)), RunResource)

    def answer(self, run: str, value: Any, *, note: str | None = None, attempt: int | None = None) -> RunResource:
        """Give a run the answer that it waits for, any JSON value. `attempt`: as for `approve`."""
        body = {"value": value, **given(note=note, attempt=attempt)}
        return self._sender.fetch(self._post(run, "answer", body), RunResource)

    def retry(
        self,
        run: str,
        *,
        model: str | None = None,
        config: ConfigChoice | str | None = None,
        idempotency_key: str | None = None,
    ) -> RunHandle:
        """Start a new run that repeats a settled one, with its input or (`current`) its trigger's current one."""
        return self._start(run, "retry", given(model=model, config=config), key=idempotency_key)

    def resume(
        self,
        run: str,
        feedback: str | None = None,
        *,
        model: str | None = None,
        idempotency_key: str | None = None,
    ) -> RunHandle:
        """Start a run that goes on with the conversation of a settled one, with feedback as the next turn."""
        return self._start(run, "resume", given(feedback=feedback, model=model), key=idempotency_key)

    def exec(
        self,
        run: str,
        command: str,
        arguments: Sequence[str] = (),
        *,
        timeout: GivenDuration | None = None,
        idempotency_key: str | None = None,
    ) -> RunHandle:
        """Start a run of a command of the deployment's configuration in the workspace of a settled run."""
        body = {"command": command, "arguments": tuple(arguments), **given(timeout=timeout)}
        return self._start(run, "exec", body, key=idempotency_key)

    def list_events(self, run: str, *, since: int | None = None, limit: int | None = None) -> EventPage:
        """Return a page of what has happened in a run: events with a number above `since`."""
        path = self._sender.path("runs", run, "events")
        return self._sender.fetch(request("GET", path, query={"since": since, "limit": limit}), EventPage)

    def stream_events(self, run: str, *, since: int = 0) -> Iterator[Event | UnreadableEvents]:
        """Yield what happens in a run as it comes: events with a number above `since`, until the run is settled.

        A connection that breaks is opened again, and goes on after the last event.
        """
        return events_of(self._sender, self._sender.path("runs", run, "events", verb="stream"), since=since)

    def send_events(self, run: str, events: Sequence[SentEvent | SentEventFields]) -> Received:
        """Append events to the run of an agent that works elsewhere; the client's key is the run's token."""
        sent = request("POST", self._sender.path("runs", run, "events"), body={"events": tuple(events)})
        return self._sender.fetch(sent, Received)

    def checkpoint(self, run: str, state: Any) -> Received:
        """Save a JSON value for the next attempts of a run; the client's key is the run's token."""
        return self._sender.fetch(self._post(run, "checkpoint", {"state": state}), Received)

    def callback(self, run: str, result: Any = None, *, attempt: int | None = None) -> Received:
        """Give the run that waits for its agent the result, any JSON value; the client's key is the run's token.

        A failure is `{"error": {"type": …, "message": …, "retryable": …}}`. With `attempt`, the number of the attempt
        that the result is of, it is refused if that attempt, or a later one, was answered already.
        """
        path = self._sender.path("runs", run, verb="callback")
        sent = request("POST", path, query={"attempt": attempt}, body=result)
        return self._sender.fetch(sent, Received)

    def _start(self, run: str, verb: str, body: Any, *, key: str | None) -> RunHandle:
        sent = self._post(run, verb, body, key=key_or_new(key))
        return RunHandle(self, self._sender.fetch(sent, RunResource))

    def _post(self, run: str, verb: str, body: Any, *, key: str | None = None) -> Request:
        return request("POST", self._sender.path("runs", run, verb=verb), body=body, idempotency_key=key)
