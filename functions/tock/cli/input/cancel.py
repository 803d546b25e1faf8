"""Which unfinished runs of its fire times end with a trigger: the option, and what a question says of it."""

from typing import Annotated

import typer

from tock.core.trigger.cancel_choice import CancelChoice

Cancel = Annotated[
    CancelChoice | None,
    typer.Option(
        help="Which unfinished runs of its fire times to cancel: pending (held, about to start, or waiting for a "
        "retry), all (also running, or waiting for an answer), or none. Default: pending."
    ),
]
_CANCELLED = {
    CancelChoice.PENDING: "cancel those of {whose} runs that are held, about to start, or waiting for a retry",
    CancelChoice.ALL: "cancel {whose} unfinished runs, also those at work",
    CancelChoice.NONE: "let {whose} unfinished runs go on",
}


def cancelled(cancel: CancelChoice | None, *, whose: str = "its") -> str:
    """Return what becomes of a trigger's runs, as the end of a question."""
    return _CANCELLED[cancel or CancelChoice.PENDING].format(whose=whose)
