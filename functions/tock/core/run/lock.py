"""A lock: the mark that a subject has an active run, created and released in the Commits of that run."""

from pydantic import BaseModel, ConfigDict


class Lock(BaseModel):
    """One active run per subject; its document id is the hash of the subject."""

    model_config = ConfigDict(frozen=True)

    project: str
    id: str
    subject: str
    run: str
