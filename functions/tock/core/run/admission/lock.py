"""A lock: it says that a subject has an active run; the Commits that create and settle the run create and delete it."""

from pydantic import BaseModel, ConfigDict


class Lock(BaseModel):
    """The lock of one subject, held by `run`; its document id is the hash of the subject."""

    model_config = ConfigDict(frozen=True)

    project: str
    id: str
    subject: str
    run: str
