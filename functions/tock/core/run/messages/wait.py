"""What a waiting run waits for, and the answer that ends the wait."""

from pydantic import BaseModel, ConfigDict

from tock.core.run.outcome import OnDeadline, WaitFor
from tock.core.time.instant import Instant


class Answer(BaseModel):
    """The end of a wait; the value that came with it is the run's `answer`."""

    model_config = ConfigDict(frozen=True)

    #: True or False after an approval or a rejection; None for an answer of another kind, or if nobody answered.
    approved: bool | None = None
    note: str = ""
    #: Who answered, or `deadline` if nobody did.
    by: str
    at: Instant


class Wait(BaseModel):
    """What the leg of a run waits for, until when, and how that ended."""

    model_config = ConfigDict(frozen=True)

    wait_for: WaitFor
    question: str = ""
    #: When the wait ends without an answer.
    deadline: Instant
    on_deadline: OnDeadline = OnDeadline.FAIL
    answer: Answer | None = None
