"""Every error with which the emulator refuses a call, with the gRPC status that the real service returns.

StatusError
├── InvalidFieldError        INVALID_ARGUMENT
├── QueueNotFoundError       NOT_FOUND
├── TaskNotFoundError        NOT_FOUND
├── QueueExistsError         ALREADY_EXISTS
├── TaskExistsError          ALREADY_EXISTS
├── TaskNameTombstonedError  ALREADY_EXISTS
├── NoIdentityError          FAILED_PRECONDITION
└── NotEmulatedError         UNIMPLEMENTED
"""

from typing import ClassVar

import grpc


class StatusError(Exception):
    """A call was refused and changed nothing; the message goes to the caller."""

    code: ClassVar[grpc.StatusCode]


class InvalidFieldError(StatusError):
    """A field violates a rule of the API."""

    code = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, field: str, *, problem: str) -> None:
        super().__init__(f"{field}: {problem}")


class QueueNotFoundError(StatusError):
    """The queue does not exist."""

    code = grpc.StatusCode.NOT_FOUND

    def __init__(self, name: str) -> None:
        super().__init__(f"Queue {name} does not exist.")


class TaskNotFoundError(StatusError):
    """The task does not exist: it was never created, or it was deleted, delivered or given up."""

    code = grpc.StatusCode.NOT_FOUND

    def __init__(self, name: str) -> None:
        super().__init__(f"Task {name} does not exist.")


class QueueExistsError(StatusError):
    """The queue exists already."""

    code = grpc.StatusCode.ALREADY_EXISTS

    def __init__(self, name: str) -> None:
        super().__init__(f"Queue {name} already exists.")


class TaskExistsError(StatusError):
    """A task of this name is waiting or being delivered."""

    code = grpc.StatusCode.ALREADY_EXISTS

    def __init__(self, name: str) -> None:
        super().__init__(f"Task {name} already exists.")


class TaskNameTombstonedError(StatusError):
    """A task of this name was executed or deleted a short time ago."""

    code = grpc.StatusCode.ALREADY_EXISTS

    def __init__(self, name: str) -> None:
        super().__init__(f"Task {name} existed too recently; its name cannot be used again yet.")


class NoIdentityError(StatusError):
    """A task needs a token, but the emulator was started without an identity that signs it."""

    code = grpc.StatusCode.FAILED_PRECONDITION

    def __init__(self, name: str) -> None:
        super().__init__(f"Task {name} needs an OIDC token, but this emulator has no identity to sign it with.")


class NotEmulatedError(StatusError):
    """The call uses a part of the API that the emulator does not implement."""

    code = grpc.StatusCode.UNIMPLEMENTED

    def __init__(self, part: str) -> None:
        super().__init__(f"This emulator does not support {part}.")
