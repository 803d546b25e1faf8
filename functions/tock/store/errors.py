"""Translates Firestore's errors into Tock's."""

import re

from google.api_core.exceptions import (
    AlreadyExists,
    FailedPrecondition,
    GoogleAPICallError,
    GoogleAPIError,
    NotFound,
    RetryError,
)
from google.api_core.exceptions import InvalidArgument as FirestoreInvalidArgument

from tock.core.errors import CommitConflict, InvalidArgument, StoreUnavailable, TockError

_LONGEST_DETAIL = 300
#: What precedes a document's path in its name: the Google Cloud project and the database, which callers do not know.
_DATABASE = re.compile(r"projects/[^/\s]+/databases/[^/\s\"']+(?:/documents)?/?")


def commit_error(error: GoogleAPIError) -> TockError:
    """Return Tock's error for a failed Commit: a lost race, writes that Firestore refuses, or an ambiguous outcome."""
    match error:
        case AlreadyExists() | FailedPrecondition() | NotFound():
            return CommitConflict(_detail(error))
        case FirestoreInvalidArgument():
            return InvalidArgument(field="writes", value=None, remedy=f"Firestore refused the Commit: {_detail(error)}")
        case _:
            return read_error(error)


def read_error(error: GoogleAPIError) -> StoreUnavailable:
    """Return Tock's error for a failed read: Firestore did not answer, for the reason that the message quotes."""
    if isinstance(error, RetryError) and isinstance(error.cause, GoogleAPIError):
        error = error.cause
    return StoreUnavailable(f"Firestore did not answer: {_detail(error)}")


def _detail(error: GoogleAPIError) -> str:
    if isinstance(error, GoogleAPICallError):
        code = error.grpc_status_code.name if error.grpc_status_code is not None else type(error).__name__
        detail = f"{code}: {error.message}"
    else:
        detail = f"{type(error).__name__}: {error}"
    return _DATABASE.sub("", detail)[:_LONGEST_DETAIL]
