"""The rules of git for the names of branches and tags (git-check-ref-format)."""

import re
from typing import Annotated

from pydantic import StringConstraints, WithJsonSchema

from tock.core.errors import InvalidArgument

_LONGEST = 256
#: git-check-ref-format with --allow-onelevel, for a name that no command takes for an option. It refuses `..`, `@{`, a
#: lone `@`, empty components and those that start with `.` or end with `.lock`, a slash or a dot at the end, spaces,
#: control characters and each of ~^:?*[\\.
PATTERN = (
    r"^(?!@$)(?!-)(?![./])(?!.*(?:\.\.|@\{|//|/\.|\.lock(?:/|$)))"
    r"[^\x00-\x20\x7f~^:?*\[\\]{1," + str(_LONGEST) + r"}(?<![./])$"
)
_REF = re.compile(PATTERN[:-1] + r"\Z")


#: A branch, a tag or another name of a version. A use case checks it with `require_ref` when somebody writes it. A
#: stored one is not checked again, because earlier versions accepted other texts.
Ref = Annotated[
    str,
    StringConstraints(min_length=1, max_length=_LONGEST),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["main", "v1.2", "feature/digest"]}),
]


def require_ref(ref: str | None, *, field: str) -> None:
    """Return if the text is None or a name that git accepts for a branch or a tag. Raises InvalidArgument."""
    if ref is not None and _REF.match(ref) is None:
        remedy = (
            "is no name of a branch or a tag: write one that `git check-ref-format` accepts, such as 'main' or 'v1.2',"
            " without spaces, '..', '~', '^', ':' or a '-' at its start"
        )
        raise InvalidArgument(field=field, value=ref, remedy=remedy)
