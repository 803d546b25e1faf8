"""The options that choose among listed resources what the API cannot choose, and what they keep."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from tock.cli.input.json_object import pairs_from

Enabled = Annotated[
    bool | None,
    typer.Option("--enabled/--disabled", help="List only those that are enabled, or disabled. Default: both."),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        metavar="KEY=VALUE",
        help="List only those with this label, such as team=shop; given several times, with each. Default: all.",
    ),
]


def keeping(
    *, enabled: bool | None, labels: Sequence[str] | None, **fields: Any
) -> Callable[[Mapping[str, Any]], bool] | None:
    """Return whether to keep a resource, for the values of its fields that were given; None if none was.

    Raises UsageError for what is no label.
    """
    wanted = {name: value for name, value in {"enabled": enabled, **fields}.items() if value is not None}
    has = pairs_from(labels, option="--label") or {}
    if not wanted and not has:
        return None

    def keep(resource: Mapping[str, Any]) -> bool:
        return wanted.items() <= {name: resource.get(name) for name in wanted}.items() and (
            has.items() <= resource.get("labels", {}).items()
        )

    return keep
