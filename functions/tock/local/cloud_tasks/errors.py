"""Why the emulator refuses a call, with the gRPC status that the real service gives.

StatusError
├── InvalidFieldError       INVALID_ARGUMENT
├── QueueNotFoundError      NOT_FOUND
├── TaskNotFoundError       NOT_FOUND
├── QueueExistsError        ALREADY_EXISTS
├── TaskExistsError         ALREADY_EXISTS
├── TaskNameTombstonedError      ALREADY_EXISTS
├── NoIdentityError         FAILED_PRECONDITION
└── NotEmulatedError        UNIMPLEMENTED
"""

from typing import ClassVar

import grpc


class StatusError(Exception):
    """A call that changed nothing; its text goes to the caller."""

    code: ClassVar[grpc.StatusCode]


class InvalidFieldError(StatusError):
    """A field breaks a rule of the API."""

    code = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, field: str, *, problem: str) -> None:
        super().__init__(f"{field}: {problem}")


class QueueNotFoundError(StatusError):
    """No such queue."""

    code = grpc.StatusCode.NOT_FOUND

    def __init__(self, name: str) -> None:
        super().__init__(f"Queue {name} does not exist.")


class TaskNotFoundError(StatusError):
    """No such task: never created, deleted, delivered, or given up."""

    code = grpc.StatusCode.NOT_FOUND

    def __init__(self, name: str) -> None:
        super().__init__(f"Task {name} does not exist.")


class QueueExistsError(StatusError):
    """The queue is there already."""

    code = grpc.StatusCode.ALREADY_EXISTS

    def __init__(self, name: str) -> None:
        super().__init__(f"Queue {name} already exists.")


class TaskExistsError(StatusError):
    """A task of that name waits or runs."""

    code = grpc.StatusCode.ALREADY_EXISTS

    def __init__(self, name: str) -> None:
        super().__init__(f"Task {name} already exists.")


class TaskNameTombstonedError(StatusError):
    """A task of that name was executed or deleted a short while ago."""

    code = grpc.StatusCode.ALREADY_EXISTS

    def __init__(self, name: str) -> None:
        super().__init__(f"Task {name} existed too recently; its name is not free yet.")


class NoIdentityError(StatusError):
    """A token is asked for, and the emulator was started without an identity to sign it."""

    code = grpc.StatusCode.FAILED_PRECONDITION

    def __init__(self, name: str) -> None:
        super().__init__(f"Task {name} wants an OIDC token, but this emulator has no identity to sign it.")


class NotEmulatedError(StatusError):
    """A part of the API that this emulator does not have."""

    code = grpc.StatusCode.UNIMPLEMENTED

    def __init__(self, part: str) -> None:
        super().__init__(f"This emulator does not support {part}.")
