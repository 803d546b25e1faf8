"""A resource that passed the models of the API."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from tock.app.manage.triggers.create_trigger import require_values
from tock.core.agent.agent import AgentSpec
from tock.core.errors import InvalidArgument
from tock.core.fields.git_ref import require_ref
from tock.core.schedule.schedule import SHORTEST_INTERVAL
from tock.core.schedule.validation import check_schedule
from tock.core.trigger.trigger import TriggerSpec
from tock.manifest.problem import Problem
from tock.manifest.written import Kind, Written
from tock.web.errors import FieldError
from tock.web.resources.agent import NewAgent
from tock.web.resources.triggers.trigger import NewTrigger
from tock.web.validation_errors import invalid_request

_MODELS: dict[Kind, type[NewAgent] | type[NewTrigger]] = {Kind.AGENT: NewAgent, Kind.TRIGGER: NewTrigger}


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource that a deployment should have."""

    kind: Kind
    id: str
    spec: AgentSpec | TriggerSpec
    #: Where it is defined.
    place: str

    @property
    def fields(self) -> dict[str, Any]:
        """All fields as the API shows them."""
        return self.spec.model_dump(mode="json")


def checked(written: Written) -> Entry | list[Problem]:
    """Return the resource, or everything that is wrong with it."""
    try:
        made = _MODELS[written.kind].model_validate(dict(written.fields))
    except ValidationError as exc:
        refusal = invalid_request(exc.errors(include_url=False), model=_MODELS[written.kind])
        return [_problem(written, error) for error in refusal.field_errors]
    if made.id is None:
        return [_problem(written, FieldError("id", None, "is required: add it, so that it stays the same"))]
    spec = made.spec
    try:
        if isinstance(spec, TriggerSpec):
            # How close fire times may be is the deployment's own setting, which it checks itself.
            check_schedule(spec.schedule, shortest_interval=SHORTEST_INTERVAL)
            require_ref(spec.input.ref, field="input.ref")
            require_values(spec.input)
    except InvalidArgument as exc:
        return [_problem(written, FieldError(exc.field, exc.value, exc.remedy))]
    return Entry(written.kind, made.id, spec, place=written.place(""))


def json_defaults(model: type[BaseModel]) -> dict[str, Any]:
    """Return the fields of a model that have a default, with that as JSON."""
    anything: Any = model
    defaults: dict[str, Any] = anything.model_construct().model_dump(mode="json", warnings=False)
    return defaults


def _problem(written: Written, error: FieldError) -> Problem:
    return Problem.of(error, place=written.place(error.field), resource=written.name)
