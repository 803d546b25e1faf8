"""A form that was refused: its messages, each with the field that it is about, for the form that is shown again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from tock.core.errors import TockError
from tock.web.console.visit import Visit
from tock.web.error_responses import answered_problem, problem_of

#: What may be refused: a form that the person can mend. Other errors have a page of their own.
REFUSALS = (TockError, ValidationError)
_MENDABLE = frozenset({400, 409, 412})


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a form was refused; of a form that is shown for the first time nothing is said."""

    status: int = 200
    #: The message of each field that is wrong, by the name of the field.
    fields: Mapping[str, str] = field(default_factory=dict)
    #: What is said above the form, because it is about no single field of it.
    others: tuple[str, ...] = ()
    #: The run that is in the way.
    run: str | None = None

    @classmethod
    def of(cls, error: Exception, visit: Visit, *, fields: Collection[str]) -> "Refused":
        """Return the messages of an error for a form with these fields; raise it again unless a form can be mended.

        The log has the refusal. A message about `config.callable` stands beside the field `config` if the form has none
        of its own for that.
        """
        refused = cls.foreseen(error, visit, fields=fields)
        answered_problem(error, request=visit.request)
        return refused

    @classmethod
    def foreseen(cls, error: Exception, visit: Visit, *, fields: Collection[str]) -> "Refused":
        """Return the same of a form that was not sent yet: somebody types, and asks what would be refused."""
        problem = problem_of(error, request=visit.request)
        if problem.status not in _MENDABLE:
            raise error
        beside: dict[str, str] = {}
        others: list[str] = []
        for each in problem.errors:
            name, rest = _field_of(each.field, fields)
            message = f"{rest}: {each.message}" if rest else each.message
            if name is None:
                others.append(message)
            else:
                beside[name] = f"{beside[name]}; {message}" if name in beside else message
        if not problem.errors:
            others.append(problem.detail)
        return cls(status=problem.status, fields=beside, others=tuple(others), run=problem.active_run or problem.run)

    def as_json(self) -> Response:
        """Return the messages as `checked_form.js` reads them, with the status of every check."""
        return JSONResponse({"fields": dict(self.fields), "others": list(self.others)})


#: A form that is shown for the first time.
NOTHING_REFUSED = Refused()


def _field_of(path: str, fields: Collection[str]) -> tuple[str | None, str]:
    """Return the form's field for a dotted path, and the rest of the path; None if the form has no such field."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in fields:
            return name, ".".join(parts[length:])
    return None, path
