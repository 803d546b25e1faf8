"""An invariant that does not hold."""

from datetime import timedelta

#: How far the clocks of two instances may differ.
MAX_SKEW = timedelta(seconds=4)


class InvariantViolation(Exception):
    """An invariant does not hold; the message says which one and where."""


def require(holds: bool, number: int, text: str) -> None:  # noqa: FBT001 - reads as an assertion
    """Raise InvariantViolation, with the number of the invariant, unless it holds."""
    if not holds:
        raise InvariantViolation(f"invariant {number}: {text}")


def error_text(error: BaseException) -> str:
    """Return the error in one line, a group as its members."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(error_text(each) for each in error.exceptions)
    return f"{type(error).__name__}: {error}" if not isinstance(error, InvariantViolation) else str(error)
