"""Which error stands for each code of Tock's problem documents."""

from tock.client.errors import (
    ActiveRun,
    AlreadyExists,
    ApiError,
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    RevisionConflict,
    ServerDefect,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnknownOperation,
    Unreadable,
)
from tock.web.problem_document import Problem

#: The class of each code of a problem document.
BY_CODE: dict[str, type[ApiError]] = {
    "invalid_argument": InvalidRequest,
    "not_json": InvalidRequest,
    "wrong_content_type": InvalidRequest,
    "unauthenticated": Unauthenticated,
    "forbidden": Forbidden,
    "not_found": NotFound,
    "no_route": UnknownOperation,
    "wrong_method": UnknownOperation,
    "failed_precondition": Conflict,
    "already_exists": AlreadyExists,
    "id_retained": Conflict,
    "in_use": Conflict,
    "being_deleted": Conflict,
    "active_run": ActiveRun,
    "key_reused": Conflict,
    "run_not_settled": Conflict,
    "run_settled": Conflict,
    "session_moved": Conflict,
    "run_not_waiting": Conflict,
    "ability_missing": Conflict,
    "unreadable": Unreadable,
    "revision_mismatch": RevisionConflict,
    "body_too_large": TooLarge,
    "run_busy": Unavailable,
    "conflict": Unavailable,
    "unavailable": Unavailable,
    "access_unset": Unavailable,
    "deliver_again": Unavailable,
    "http_error": ServerDefect,
    "internal": ServerDefect,
}
#: The class of a code that this client does not know, by the status.
_BY_STATUS: dict[int, type[ApiError]] = {
    400: InvalidRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: RevisionConflict,
    413: TooLarge,
    503: Unavailable,
}


def class_of(problem: Problem) -> type[ApiError]:
    """Return the class of a problem document's error; a code that this client does not know goes by its status."""
    return BY_CODE.get(problem.code) or _BY_STATUS.get(problem.status, ServerDefect)
