"""A follow-up command: what a run does that works in the workspace of a settled one."""

from pydantic import BaseModel, ConfigDict


class FollowUp(BaseModel):
    """A command of the deployment's configuration, in the workspace of the run `of`."""

    model_config = ConfigDict(frozen=True)

    of: str
    repository: str
    command: str
    arguments: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The subject of all commands in this workspace: so one of them is active at once."""
        return f"workspace:{self.of}"
