"""The errors that commands raise."""


class CommandError(Exception):
    """A command failed; the message and `details`, further lines, tell the user why and what to do."""

    def __init__(self, message: str, *, details: tuple[str, ...] = ()) -> None:
        self.details = details
        super().__init__(message)


class UsageError(CommandError):
    """A command was called wrongly, and nothing was done."""
