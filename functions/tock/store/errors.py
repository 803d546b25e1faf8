"""Firestore's errors, translated once into Tock's."""

from google.api_core.exceptions import (
    AlreadyExists,
    FailedPrecondition,
    GoogleAPICallError,
    GoogleAPIError,
    NotFound,
    RetryError,
)
from google.api_core.exceptions import InvalidArgument as Refused

from tock.core.errors import CommitConflict, InvalidArgument, StoreUnavailable, TockError

_LONGEST_DETAIL = 300


def commit_error(error: GoogleAPIError) -> TockError:
    """Return what a refused Commit means: a lost race, writes that are not acceptable, or an unknown outcome."""
    match error:
        case AlreadyExists() | FailedPrecondition() | NotFound():
            return CommitConflict(_detail(error))
        case Refused():
            return InvalidArgument(field="writes", value=None, remedy=f"Firestore refused the Commit: {_detail(error)}")
        case _:
            return read_error(error)


def read_error(error: GoogleAPIError) -> StoreUnavailable:
    """Return what a failed read means: nothing but that the store gave no answer, and what is to be done about it."""
    if isinstance(error, RetryError) and isinstance(error.cause, GoogleAPIError):
        error = error.cause
    return StoreUnavailable(f"Firestore did not answer: {_detail(error)}")


def _detail(error: GoogleAPIError) -> str:
    if isinstance(error, GoogleAPICallError):
        code = error.grpc_status_code.name if error.grpc_status_code is not None else type(error).__name__
        return f"{code}: {error.message}"[:_LONGEST_DETAIL]
    return f"{type(error).__name__}: {error}"[:_LONGEST_DETAIL]
