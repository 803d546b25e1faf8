"""A condition on an agent's answer, without which its attempt is no success."""

import json
from dataclasses import dataclass
from typing import Any

from tock.core.errors import InvalidArgument
from tock.core.mask import Mask
from tock.core.run.outcome import Failed
from tock.executors.http.answers.member import ABSENT, is_path, member

#: The most characters of a text, and the largest number, that an answer can be compared with.
MAX_EQUALS = 200
LARGEST_EQUALS = 2**53
#: The error type of an answer that does not meet the condition.
UNSUCCESSFUL = "unsuccessful"
#: The most characters of the found value that a failure quotes.
_QUOTED = 500
_REMEDY = (
    'write {"path": "status", "equals": "ok"}: the dotted path of a member of the answer, and the text, number, true, '
    "false or null that it must be"
)


@dataclass(frozen=True, slots=True)
class SuccessCondition:
    """The value at the dotted path of the answer equals `equals`; a number in the path is a position in a list."""

    path: str
    equals: str | float | bool | None

    @classmethod
    def of(cls, given: object) -> "SuccessCondition | None":
        """Return the condition of a configuration, or None if it has none. Raises InvalidArgument."""
        match given:
            case None:
                return None
            case {"path": str(path), "equals": str() | bool() | int() | float() | None as equals, **rest} if not rest:
                if is_path(path) and _is_bounded(equals):
                    return cls(path, equals)
        raise InvalidArgument(field="config.success", value=None, remedy=_REMEDY)

    def failure(self, answer: Any, *, mask: Mask) -> Failed | None:
        """Return why the answer is no success, with the value that was found; None if it meets the condition."""
        found = member(answer, self.path)
        if found is not ABSENT and _same(found, self.equals):
            return None
        wanted = json.dumps(self.equals, ensure_ascii=False)
        if found is ABSENT:
            problem = f"The agent's answer has no {self.path!r}, which must be {wanted}."
        else:
            # Masked before it is cut: a secret must not be cut in two.
            quoted = json.dumps(mask(found), ensure_ascii=False)[:_QUOTED]
            problem = f"The agent's answer says {self.path!r}: {quoted}; it must be {wanted}."
        return Failed(type=UNSUCCESSFUL, message=problem, retryable=False)


def _is_bounded(equals: str | float | None) -> bool:
    match equals:
        case str():
            return len(equals) <= MAX_EQUALS
        case int() | float():
            return -LARGEST_EQUALS <= equals <= LARGEST_EQUALS
    return True


def _same(found: Any, wanted: Any) -> bool:
    # In Python, but not in JSON, True equals 1.
    return isinstance(found, bool) == isinstance(wanted, bool) and found == wanted
