"""A slot: one of the places in which runs that share a limit may work at once."""

from pydantic import BaseModel, ConfigDict

from tock.core.agent.agent import Agent
from tock.core.ids.derived import slot_id
from tock.core.run.run import Run


class Slot(BaseModel):
    """A place that is taken; the Commits that start and end an attempt of `run` create and delete it."""

    model_config = ConfigDict(frozen=True)

    project: str
    #: The hash of its name.
    id: str
    #: The limit that it counts for: `agent:digest`, `trigger:daily` or `project`.
    scope: str
    #: Its place among those of the scope, from 0.
    number: int
    run: str

    @property
    def name(self) -> str:
        """The scope and the place: what the run notes of it."""
        return f"{self.scope}#{self.number}"

    @classmethod
    def of(cls, run: Run, *, scope: str, number: int) -> "Slot":
        """Return the slot that the run takes."""
        name = f"{scope}#{number}"
        return cls(project=run.project, id=slot_id(name=name), scope=scope, number=number, run=run.id)

    @classmethod
    def named(cls, run: Run, name: str) -> "Slot":
        """Return the slot of this name that the run holds."""
        scope, _, number = name.rpartition("#")
        return cls.of(run, scope=scope, number=int(number))


def limits_of(run: Run, agent: Agent) -> dict[str, int]:
    """Return how many runs may work at once, for each scope with a limit that the run belongs to."""
    limits = {}
    if agent.concurrency is not None:
        limits[f"agent:{agent.id}"] = agent.concurrency
    if run.max_parallel is not None and run.trigger is not None:
        limits[f"trigger:{run.trigger}"] = run.max_parallel
    if agent.project_concurrency is not None:
        limits["project"] = agent.project_concurrency
    return limits
