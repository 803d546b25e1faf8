"""Finds in an agent's answer what it says that it consumed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tock.core.errors import InvalidArgument
from tock.core.mask import Mask
from tock.core.run.outcome import Usage
from tock.executors.http.answers.member import ABSENT, is_path, member
from tock.executors.stated_usage import FIELDS, stated_usage

_REMEDY = (
    'write {"input_tokens": "usage.prompt_tokens", "output_tokens": "usage.completion_tokens", "model": "model"}: '
    f"the dotted path of each of {', '.join(FIELDS)} that the answer has"
)


@dataclass(frozen=True, slots=True)
class UsagePaths:
    """The dotted path of each member of the answer that says what was consumed."""

    paths: Mapping[str, str]

    @classmethod
    def of(cls, given: object) -> "UsagePaths | None":
        """Return the paths of a configuration, or None if it has none. Raises InvalidArgument."""
        if given is None:
            return None
        if isinstance(given, Mapping) and given and set(given) <= set(FIELDS) and all(map(is_path, given.values())):
            return cls(dict(given))
        raise InvalidArgument(field="config.usage", value=None, remedy=_REMEDY)

    def usage(self, answer: Any, *, mask: Mask) -> Usage:
        """Return what the answer says, without what it does not say; the gate refuses what is no usage."""
        found = {name: member(answer, path) for name, path in self.paths.items()}
        stated = stated_usage({name: mask(value) for name, value in found.items() if value is not ABSENT})
        return stated or Usage()
