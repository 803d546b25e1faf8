"""A request to run something now."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tock.app.start.launch import Launched
from tock.app.start.run_now import RunOptions
from tock.core.fields.git_ref import Ref
from tock.core.fields.types import JsonObject, Label, Text
from tock.core.policies import Retry, Timeout


class RunInput(BaseModel):
    """Fields that replace the trigger's input. An absent field, or a null payload, keeps it; null clears any other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: Text | None = Field(
        default=None,
        description="A template: {{payload.repo}} becomes that value, {{scheduled_for}} the time of this request.",
    )
    payload: JsonObject | None = Field(default=None, description="Replaces the trigger's payload as a whole.")
    model: Label | None = None
    ref: Ref | None = None


class RunRequest(BaseModel):
    """What a request to run now may set; other values come from the trigger, or are the defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: RunInput | None = None
    subject: Label | None = Field(default=None, description="At most one run per subject is active.")
    retry: Retry | None = None
    timeout: Timeout | None = None

    @property
    def options(self) -> RunOptions:
        """The request as the use case takes it."""
        return run_options(self.input, subject=self.subject, retry=self.retry, timeout=self.timeout)


def run_options(given: RunInput | None, **others: Any) -> RunOptions:
    """Return the options, with only those fields of the input set that the caller wrote: null and absent differ."""
    written = {} if given is None else {field: getattr(given, field) for field in given.model_fields_set}
    return RunOptions(**written, **others)


def status_of(launched: Launched) -> int:
    """Return 202 when this request created the run, 200 when an earlier one did."""
    return 202 if launched.created else 200
