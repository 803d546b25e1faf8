# Made from the file of this name in `_async` by `make client`: change that one.
"""The triggers of a project."""

from typing import Unpack

from tock.client._sync.listing import Listing
from tock.client._sync.run_handle import RunHandle
from tock.client._sync.runs import Runs
from tock.client._sync.sender import Sender
from tock.client.fields import (
    GivenDuration,
    GivenInstant,
    GivenRetry,
    GivenRunInput,
    GivenSchedule,
    TriggerChanges,
    TriggerFields,
)
from tock.client.request import IfMatch, given, key_or_new, request
from tock.core.trigger.cancel_choice import CancelChoice
from tock.web.resources.projects.upcoming import UpcomingResource
from tock.web.resources.runs.run import RunResource
from tock.web.resources.triggers.preview import Preview
from tock.web.resources.triggers.proof import ProofResource
from tock.web.resources.triggers.revision import RevisionPage, RevisionResource
from tock.web.resources.triggers.trigger import TriggerPage, TriggerResource
from tock.web.resources.triggers.why import WhyResource


class Triggers:
    """Triggers."""

    def __init__(self, sender: Sender, *, runs: Runs) -> None:
        self._sender = sender
        self._runs = runs

    def list(
        self, *, agent: str | None = None, page_size: int | None = None, page_token: str | None = None
    ) -> Listing[TriggerResource, TriggerPage]:
        """List the project's triggers, or those of one agent, newest first."""
        return Listing(
            self._sender,
            self._sender.path("triggers"),
            page=TriggerPage,
            items=lambda page: page.triggers,
            query={"agent": agent, "page_size": page_size, "page_token": page_token},
        )

    def get(self, trigger: str) -> TriggerResource:
        """Return a trigger."""
        return self._sender.fetch(request("GET", self._sender.path("triggers", trigger)), TriggerResource)

    def create(self, trigger: str | None = None, **fields: Unpack[TriggerFields]) -> TriggerResource:
        """Create a trigger with this id; Tock chooses one if there is none, and computes its next fire time."""
        sent = request("POST", self._sender.path("triggers"), body={**given(id=trigger), **fields})
        return self._sender.fetch(sent, TriggerResource)

    def put(self, trigger: str, *, if_match: IfMatch | None = None, **fields: Unpack[TriggerFields]) -> TriggerResource:
        """Replace a trigger as a whole, also one that cannot be read; fields that are left out get their defaults."""
        sent = request("PUT", self._sender.path("triggers", trigger), body=fields, if_match=if_match)
        return self._sender.fetch(sent, TriggerResource)

    def update(
        self, trigger: str, *, if_match: IfMatch | None = None, **changes: Unpack[TriggerChanges]
    ) -> TriggerResource:
        """Change fields of a trigger; None clears a field that may be empty.

        `input`, its payload, `retry`, `catch_up` and `schedule` merge member by member: a new cron keeps its time zone.
        """
        sent = request("PATCH", self._sender.path("triggers", trigger), body=changes, if_match=if_match)
        return self._sender.fetch(sent, TriggerResource)

    def delete(
        self, trigger: str, *, cancel: CancelChoice | str | None = None, if_match: IfMatch | None = None
    ) -> None:
        """Disable a trigger, cancel the unfinished runs of its fire times, and delete it; its runs stay."""
        path = self._sender.path("triggers", trigger)
        self._sender.perform(request("DELETE", path, query={"cancel": cancel}, if_match=if_match))

    def enable(self, trigger: str, *, if_match: IfMatch | None = None) -> TriggerResource:
        """Enable a trigger; its next fire time is computed from now."""
        path = self._sender.path("triggers", trigger, verb="enable")
        return self._sender.fetch(request("POST", path, body={}, if_match=if_match), TriggerResource)

    def disable(
        self, trigger: str, *, cancel: CancelChoice | str | None = None, if_match: IfMatch | None = None
    ) -> TriggerResource:
        """Disable a trigger and cancel the unfinished runs of its fire times; running ones only if asked."""
        path = self._sender.path("triggers", trigger, verb="disable")
        sent = request("POST", path, body=given(cancel=cancel), if_match=if_match)
        return self._sender.fetch(sent, TriggerResource)

    def duplicate(self, trigger: str, duplicate: str | None = None, *, enabled: bool | None = None) -> TriggerResource:
        """Create a trigger with all fields of this one but the label managed-by; disabled, unless asked otherwise.

        `duplicate` is its id; Tock chooses one if there is none.
        """
        path = self._sender.path("triggers", trigger, verb="duplicate")
        sent = request("POST", path, body=given(id=duplicate, enabled=enabled))
        return self._sender.fetch(sent, TriggerResource)

    def run(
        self,
        trigger: str,
        *,
        input: GivenRunInput | None = None,  # noqa: A002 - the API's name of it
        subject: str | None = None,
        retry: GivenRetry | None = None,
        timeout: GivenDuration | None = None,
        idempotency_key: str | None = None,
    ) -> RunHandle:
        """Run a trigger now, enabled or not; its schedule and next fire time stay as they are.

        A second call with the same idempotency key returns the same run. `timeout` is that of one attempt.
        """
        sent = request(
            "POST",
            self._sender.path("triggers", trigger, verb="run"),
            body=given(input=input, subject=subject, retry=retry, timeout=timeout),
            idempotency_key=key_or_new(idempotency_key),
        )
        return RunHandle(self._runs, self._sender.fetch(sent, RunResource))

    def preview(self, trigger: str, *, since: GivenInstant | None = None, count: int | None = None) -> Preview:
        """Return the next fire times of a trigger, from `since` or from now on."""
        path = self._sender.path("triggers", trigger, verb="preview")
        return self._sender.fetch(request("GET", path, query={"from": since, "count": count}), Preview)

    def preview_schedule(
        self, schedule: GivenSchedule, *, since: GivenInstant | None = None, count: int | None = None
    ) -> Preview:
        """Return the next fire times of a schedule, without storing it; what no trigger may have is refused."""
        path = self._sender.path("triggers", verb="preview")
        body = {"schedule": schedule, **given(**{"from": since}, count=count)}
        return self._sender.fetch(request("POST", path, body=body, repeatable=True), Preview)

    def proof(
        self,
        trigger: str,
        *,
        since: GivenInstant | None = None,
        until: GivenInstant | None = None,
        occurrences: bool | None = None,
    ) -> ProofResource:
        """Prove that every occurrence of a trigger in an interval is accounted for exactly once.

        By default of the last day, and with each occurrence listed. A deleted trigger can be proved too.
        """
        path = self._sender.path("triggers", trigger, verb="proof")
        query = {"from": since, "to": until, "occurrences": occurrences}
        return self._sender.fetch(request("GET", path, query=query), ProofResource)

    def why(self, trigger: str, at: GivenInstant) -> WhyResource:
        """Say what became of a trigger at this time and why; a deleted trigger can be explained too."""
        path = self._sender.path("triggers", trigger, verb="why")
        return self._sender.fetch(request("GET", path, query={"at": at}), WhyResource)

    def revisions(
        self, trigger: str, *, page_size: int | None = None, page_token: str | None = None
    ) -> Listing[RevisionResource, RevisionPage]:
        """List the versions of a trigger of the last 90 days, newest first; a deleted trigger has them too."""
        return Listing(
            self._sender,
            self._sender.path("triggers", trigger, "revisions"),
            page=RevisionPage,
            items=lambda page: page.revisions,
            query={"page_size": page_size, "page_token": page_token},
        )

    def upcoming(
        self, *, until: GivenInstant | None = None, limit: int | None = None, per_trigger: int | None = None
    ) -> UpcomingResource:
        """Return what comes next in the project, the earliest first: runs that are not over, and later fire times.

        `per_trigger` is how many unclaimed fire times of one trigger are listed at most.
        """
        query = {"until": until, "limit": limit, "per_trigger": per_trigger}
        return self._sender.fetch(request("GET", self._sender.path("upcoming"), query=query), UpcomingResource)
