"""The changes of an edit: from its options, from JSON, or from both."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from tock.cli.errors import UsageError
from tock.cli.input.fields import CLEAR, Field, written
from tock.cli.input.json_object import merge, object_from
from tock.cli.input.when import Here

Changes = Annotated[
    str | None, typer.Argument(help="The fields to change, a JSON object or @FILE; the options do the same.")
]


def changes_from(
    json_text: str | None,
    fields: Sequence[Field],
    given: Mapping[str, Any],
    *,
    here: Here,
    kind: Literal["project", "agent", "trigger"],
) -> dict[str, Any]:
    """Return the changes as the API's JSON has them, the options over the JSON.

    Raises UsageError for what is no field of this kind of resource, and if none is given.
    """
    changes = object_from([json_text], option="CHANGES") or {} if json_text is not None else {}
    known = {field.path.partition(".")[0] for field in fields}
    for name in changes:
        if name not in known:
            hint = f"Its fields are {', '.join(sorted(known))}."
            raise UsageError(f"CHANGES: {name!r} is no field of the {kind}.", details=(hint,))
    merge(changes, written(fields, given, here=here))
    if not changes and json_text is None:
        options = ", ".join(field.option.partition("/")[0] for field in fields)
        raise UsageError(f"Nothing of the {kind} would change.", details=(f"Give one of {options}, --{CLEAR}.",))
    return changes
