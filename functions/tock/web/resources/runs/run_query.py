"""Which runs a listing shows, as readers ask for them."""

from typing import Self

from pydantic import Field, model_validator

from tock.core.fields.types import Identifier, Label
from tock.core.run.order import RunOrder
from tock.core.run.status import RunSource, RunStatus
from tock.core.time.instant import Instant
from tock.ports.store import RunFilter
from tock.web.resources.page import Paging


class RunQuery(Paging):
    """Which runs to return."""

    status: tuple[RunStatus, ...] = Field(default=(), description="Given several times, any of these statuses.")
    agent: Identifier | None = None
    trigger: Identifier | None = None
    source: RunSource | None = None
    subject: Label | None = Field(
        default=None,
        description="Runs of this subject, such as `trigger:morning`. A scheduled run has one only if it goes on with "
        "a conversation.",
    )
    since: Instant | None = Field(default=None, description="Runs scheduled at or after it.")
    until: Instant | None = Field(default=None, description="Runs scheduled before it.")
    id_prefix: Identifier | None = Field(
        default=None, description="Runs whose id begins with it, by id; without other filters."
    )
    sort: RunOrder = Field(
        default=RunOrder.SCHEDULED_FOR,
        description="What orders them, the largest first. An order other than `scheduled_for` takes at most 5,000 "
        "matching runs. Runs without that value, such as the duration of one that has not ended, are left out.",
    )
    total: bool = Field(
        default=False,
        description="Whether to count the runs that match, on all pages: to 10,000, for a read for each thousand.",
    )

    @model_validator(mode="after")
    def _until_follows_since(self) -> Self:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError("until: is not after since: give a later time, or leave it out")
        return self

    @model_validator(mode="after")
    def _a_prefix_comes_alone(self) -> Self:
        others = self.model_fields_set - {"id_prefix", "page_size", "page_token", "total"}
        if self.id_prefix is not None and others:
            raise ValueError(f"id_prefix: is given with {', '.join(sorted(others))}: give it alone")
        return self

    @property
    def matching(self) -> RunFilter:
        """The query as the store takes it."""
        return RunFilter(
            statuses=frozenset(self.status),
            agent=self.agent,
            trigger=self.trigger,
            source=self.source,
            subject=self.subject,
            since=self.since,
            until=self.until,
            id_prefix=self.id_prefix,
        )
