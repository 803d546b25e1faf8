"""Turns the schedules of another program's files into triggers of an agent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tock.manifest.document import DocumentRefused
from tock.manifest.entry import Entry, checked
from tock.manifest.imports.crontab import read_crontab
from tock.manifest.imports.found import Finding, Found, Left, with_own_ids
from tock.manifest.imports.github import read_github
from tock.manifest.imports.kubernetes import read_kubernetes
from tock.manifest.imports.systemd import read_systemd
from tock.manifest.written import Kind, Written


class Source(StrEnum):
    """A program whose schedules can be imported."""

    #: A user's crontab, or /etc/crontab.
    CRONTAB = "crontab"
    #: CronJobs.
    KUBERNETES = "kubernetes"
    #: Workflows of GitHub Actions.
    GITHUB = "github"
    #: Timers.
    SYSTEMD = "systemd"


@dataclass(frozen=True, slots=True)
class Imported:
    """A trigger, and what is different from where it came from."""

    entry: Entry
    notes: tuple[str, ...]


def imported(
    files: Iterable[Path], *, source: Source, agent: str, time_zone: str, with_users: bool
) -> tuple[tuple[Imported, ...], tuple[Left, ...]]:
    """Return the triggers of these files, all of this agent, and what becomes none, with the reason.

    The same files give the same triggers with the same ids.
    """
    triggers: list[Imported] = []
    left: list[Left] = []
    findings = (each for file in files for each in _findings(file, source, time_zone=time_zone, with_users=with_users))
    for finding in with_own_ids(findings):
        if isinstance(finding, Left):
            left.append(finding)
            continue
        fields = {"id": finding.id, "agent": agent, **finding.fields}
        entry = checked(Written(Kind.TRIGGER, fields, place=lambda _, place=finding.place: place))  # type: ignore[misc]
        if isinstance(entry, Entry):
            triggers.append(Imported(entry, finding.notes))
        else:
            left += (Left(finding.place, finding.id, f"{problem.field}: {problem.remedy}") for problem in entry)
    return tuple(triggers), tuple(left)


def _findings(file: Path, source: Source, *, time_zone: str, with_users: bool) -> Iterator[Finding]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        yield from _read(text, source, name=str(file), time_zone=time_zone, with_users=with_users)
    except OSError as exc:
        yield Left(str(file), "", f"cannot be read: {exc.strerror or exc}")
    except UnicodeDecodeError as exc:
        yield Left(str(file), "", f"is not UTF-8: {exc}")
    except DocumentRefused as exc:
        yield Left(str(file) if exc.line is None else f"{file}:{exc.line}", "", exc.problem)


def _read(text: str, source: Source, *, name: str, time_zone: str, with_users: bool) -> Iterator[Found | Left]:
    match source:
        case Source.CRONTAB:
            return read_crontab(text, name=name, time_zone=time_zone, with_users=with_users)
        case Source.KUBERNETES:
            return read_kubernetes(text, name=name, time_zone=time_zone)
        case Source.GITHUB:
            return read_github(text, name=name)
        case Source.SYSTEMD:
            return read_systemd(text, name=name, time_zone=time_zone)
