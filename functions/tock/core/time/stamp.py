"""A stamp, which says when something was done, and by whom."""

from pydantic import BaseModel, ConfigDict

from tock.core.time.instant import Instant


class Stamp(BaseModel):
    """When something was done, and by whom."""

    model_config = ConfigDict(frozen=True)

    at: Instant
    by: str
