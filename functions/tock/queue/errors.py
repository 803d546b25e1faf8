"""The errors of Cloud Tasks, translated once, with what is to be done about those that last."""

from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError, NotFound, PermissionDenied, RetryError

from tock.core.errors import QueueUnavailable

_LONGEST_DETAIL = 300


def queue_error(error: GoogleAPIError, *, queue: str, service_account: str) -> QueueUnavailable:
    """Return what a refused CreateTask means; the message names the queue."""
    if isinstance(error, RetryError) and isinstance(error.cause, GoogleAPIError):
        error = error.cause
    match error:
        case NotFound():
            remedy = f"There is no queue {queue}: create it, or correct the location and queue that Tock is given"
        case PermissionDenied():
            remedy = (
                f"No task may be created in {queue}: grant roles/cloudtasks.enqueuer on it,"
                f" and roles/iam.serviceAccountUser on {service_account or 'the service account of its tasks'}"
            )
        case _:
            remedy = f"Cloud Tasks did not take a task for {queue}"
    return QueueUnavailable(f"{remedy} ({_detail(error)}).")


def _detail(error: GoogleAPIError) -> str:
    if isinstance(error, GoogleAPICallError) and error.grpc_status_code is not None:
        return f"{error.grpc_status_code.name}: {error.message}"[:_LONGEST_DETAIL]
    return f"{type(error).__name__}: {error}"[:_LONGEST_DETAIL]
