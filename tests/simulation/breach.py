"""An invariant that does not hold."""

from datetime import timedelta

#: How far the clocks of two instances may differ.
MAX_SKEW = timedelta(seconds=4)


class Breach(Exception):
    """An invariant does not hold; the text says which one and where."""


def require(holds: bool, number: int, text: str) -> None:  # noqa: FBT001 - reads as an assertion
    """Raise a Breach of the invariant of this number unless it holds."""
    if not holds:
        raise Breach(f"invariant {number}: {text}")


def told(error: BaseException) -> str:
    """Return an error in one line; of a group, what it consists of."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(told(each) for each in error.exceptions)
    return f"{type(error).__name__}: {error}" if not isinstance(error, Breach) else str(error)
