"""The scheduled run of a trigger that started last, in brief."""

from pydantic import BaseModel, ConfigDict

from tock.core.run.status import RunStatus
from tock.core.time.instant import Instant


class LastRun(BaseModel):
    """When a trigger last ran for a fire time, and how that ended; `finished` is None until then."""

    model_config = ConfigDict(frozen=True)

    run: str
    status: RunStatus
    scheduled_for: Instant
    started: Instant
    finished: Instant | None = None
