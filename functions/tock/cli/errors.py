"""The errors that commands raise."""


class CommandError(Exception):
    """A command failed; the message and `details`, further lines, tell the user why and what to do."""

    def __init__(self, message: str, *, details: tuple[str, ...] = ()) -> None:
        self.details = details
        super().__init__(message)


class Refused(CommandError):
    """The server refused a request; `code` is the stable code of its error."""

    def __init__(self, message: str, *, code: str, details: tuple[str, ...] = ()) -> None:
        self.code = code
        super().__init__(message, details=details)


class StreamBroke(CommandError):
    """A stream of events could not be opened or broke; another one may go on after the last event."""
