"""Translates the errors of Cloud Tasks, with a remedy for those that last."""

from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError, NotFound, PermissionDenied, RetryError

from tock.core.errors import QueueUnavailable

_LONGEST_DETAIL = 300


def queue_error(error: GoogleAPIError, *, queue: str, service_account: str) -> QueueUnavailable:
    """Return Tock's error for a failed CreateTask; the message names the queue."""
    if isinstance(error, RetryError) and isinstance(error.cause, GoogleAPIError):
        error = error.cause
    match error:
        case NotFound():
            problem = f"There is no queue {queue}: create it, or correct the location and queue that are configured"
        case PermissionDenied():
            problem = (
                f"Tock may not create tasks in {queue}: grant roles/cloudtasks.enqueuer on it,"
                f" and roles/iam.serviceAccountUser on {service_account or 'the service account of its tasks'}"
            )
        case _:
            problem = f"Cloud Tasks did not accept a task for {queue}"
    return QueueUnavailable(f"{problem} ({_detail(error)}).")


def _detail(error: GoogleAPIError) -> str:
    if isinstance(error, GoogleAPICallError) and error.grpc_status_code is not None:
        return f"{error.grpc_status_code.name}: {error.message}"[:_LONGEST_DETAIL]
    return f"{type(error).__name__}: {error}"[:_LONGEST_DETAIL]
