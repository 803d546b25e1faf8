"""What is wrong with a definition, and where: all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tock.web.errors import FieldError
from tock.web.problem_document import field_problem


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake: the file and line, which resource and field, the value without secrets, and what to do."""

    place: str
    resource: str
    field: str
    value: Any
    remedy: str
    #: The traceback of a module that cannot be imported; empty for other mistakes.
    traceback: str = ""

    @classmethod
    def of(cls, error: FieldError, *, place: str, resource: str) -> "Problem":
        """Return the problem of a field, with its value shortened and without secrets."""
        shown = field_problem(error)
        return cls(place=place, resource=resource, field=shown.field, value=shown.value, remedy=shown.message)

    @property
    def sentence(self) -> str:
        """One line: `tock.yaml:7: trigger daily: schedule.cron '9 * *': has 3 fields: …`."""
        value = "" if self.value is None else f" {self.value!r}"
        parts = (self.place, self.resource, f"{self.field}{value}".strip(), self.remedy)
        return ": ".join(part for part in parts if part)


class DefinitionsRefused(Exception):
    """Definitions cannot be used; `problems` says why, in the order of their sources."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__("1 problem in the definitions" if count == 1 else f"{count} problems in the definitions")
