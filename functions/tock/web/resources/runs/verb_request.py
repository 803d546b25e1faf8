"""The requests to do something with a run that exists: cancel it, speak to its agent, answer what it asks."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tock.core.fields.types import AttemptNumber, Text

#: The reason of a request that gives none.
NO_REASON = "cancelled on request"

AskingAttempt = Annotated[
    AttemptNumber | None,
    Field(
        description="The attempt that asked, of the run's `attempts`: a run that asks something else by now refuses "
        "the answer. Null or absent: whatever it asks now.",
    ),
]


class CancelRequested(BaseModel):
    """A request to cancel a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Text = NO_REASON


class SteerRequest(BaseModel):
    """A message to the agent of an active run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: Text = Field(min_length=1)
    mode: Literal["steer", "follow_up"] = Field(
        default="steer", description="`steer`: into the turn that is under way; `follow_up`: after it."
    )


class Verdict(BaseModel):
    """A note to an approval or a rejection, and the question that it is meant for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    note: Text = ""
    attempt: AskingAttempt = None


class Given(BaseModel):
    """The answer to what a run asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Any = Field(description="Any JSON value; the agent finds it in its next leg.")
    note: Text = ""
    attempt: AskingAttempt = None
