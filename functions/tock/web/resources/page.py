"""Pages of a listing: what a query asks for, and what every page holds."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from tock.core.unreadable import Unreadable
from tock.ports.store import Total


class Paging(BaseModel):
    """Which page of a listing to return."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_size: int = Field(default=50, ge=1, le=100, description="The most items of the page.")
    page_token: str | None = Field(
        default=None,
        description="The next_page_token of the previous page, with the same filters; an empty one is the first page.",
        json_schema_extra={"format": "page-token"},
    )

    @property
    def token(self) -> str | None:
        """The page token, or None for the first page; an empty token also means the first page, as in AIP-158."""
        return self.page_token or None


class UnreadableShape(BaseModel):
    """A stored resource that cannot be read: replace it with PUT, or delete it."""

    model_config = ConfigDict(frozen=True)

    id: str
    problem: str = Field(description="What is wrong with the stored document.")

    @classmethod
    def of_all(cls, unreadable: Iterable[Unreadable]) -> tuple["UnreadableShape", ...]:
        """Return the documents as readers see them."""
        return tuple(cls(id=found.id, problem=found.problem) for found in unreadable)


class TotalShape(BaseModel):
    """How many resources a list has on all its pages."""

    model_config = ConfigDict(frozen=True)

    count: int = Field(description="Counting ends at 10,000.")
    exact: bool = Field(description="Whether these are all; false if there are more.")

    @classmethod
    def of(cls, total: Total | None) -> Self | None:
        """Return the total as readers see it."""
        return None if total is None else cls(count=total.count, exact=total.exact)


class Listed(BaseModel):
    """What every page holds besides its items."""

    model_config = ConfigDict(frozen=True)

    unreadable: tuple[UnreadableShape, ...] = Field(description="What belongs to this page, but cannot be read.")
    next_page_token: str | None = Field(description="The page_token of the next page; null on the last page.")
