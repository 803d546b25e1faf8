"""Pages of a listing, as the query asks for them."""

from pydantic import BaseModel, ConfigDict, Field


class Paging(BaseModel):
    """Which part of a listing is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_size: int = Field(default=50, ge=1, le=100, description="The most items of the page.")
    page_token: str | None = Field(default=None, description="The next_page_token of the page before.")

    @property
    def token(self) -> str | None:
        """The token, or None for the first page: an empty one means the same, as in AIP-158."""
        return self.page_token or None


class Listed(BaseModel):
    """What every page carries beside its items."""

    model_config = ConfigDict(frozen=True)

    next_page_token: str | None = Field(description="Continues the listing; null at its end.")
