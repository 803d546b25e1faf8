"""Looks at a deployment or a local stack, one thing after the other, for `tock doctor`."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from tock.bootstrap.moved_clock import MovedClock
from tock.bootstrap.system_clock import SystemClock
from tock.cli.doctor.checks import (
    Line,
    State,
    clock_line,
    lateness_line,
    own_clock_line,
    repair_lines,
    run_lines,
    tick_lines,
    trigger_lines,
)
from tock.client._sync.client import Client
from tock.client.errors import ConnectionFailed, NotTock, TockClientError
from tock.deploy.errors import DeployError
from tock.deploy.gcloud import Gcloud
from tock.deploy.inspection import CannotInspect, Found, Inspection
from tock.deploy.terraform_variables import Installation

#: How many triggers and how many of the newest runs it looks at.
MOST_TRIGGERS, NEWEST_RUNS = 1000, 100
#: What only Google's APIs tell.
_GOOGLES = ("scheduler", "queues", "indexes", "permissions")


def examined(
    client: Client, *, repair: bool, google: tuple[str | None, str | None, str | None], clock: MovedClock | None
) -> Iterator[Line]:
    """Yield what is found, one thing after the other; what cannot be looked at stops nothing behind it.

    `clock` is the local stack's own, if it has one.
    """
    checks: list[tuple[str, Callable[[], Iterator[Line]]]] = [
        ("tick", lambda: tick_lines(client.health.get())),
        ("key", lambda: _key(client)),
        ("triggers", lambda: _triggers(client)),
        ("lateness", lambda: iter([lateness_line(islice(client.runs.list(page_size=NEWEST_RUNS), NEWEST_RUNS))])),
    ]
    if repair:
        checks.append(("repair", lambda: repair_lines(client.projects.repair())))
    checks.append(("runs", lambda: _runs(client, clock=clock)))
    unreachable = False
    for subject, look in checks:
        if unreachable:
            yield Line(subject, State.NOT_CHECKED, "the server does not answer")
            continue
        try:
            yield from look()
        except TockClientError as exc:
            unreachable = isinstance(exc, ConnectionFailed | NotTock)
            yield Line("server" if unreachable else subject, State.PROBLEM, exc.problem, exc.remedy)
    yield from _google(*google)


def _key(client: Client) -> Iterator[Line]:
    client.projects.get()
    yield Line("key", State.OK, f"it opens project {client.project} of {client.server}")


def _triggers(client: Client) -> Iterator[Line]:
    listing = client.triggers.list(page_size=100)
    triggers = tuple(islice(listing, MOST_TRIGGERS))
    yield from trigger_lines(triggers, listing.unreadable)


def _runs(client: Client, *, clock: MovedClock | None) -> Iterator[Line]:
    sent = SystemClock().now()
    found = client.projects.diagnosis()
    received = SystemClock().now()
    yield clock_line(server=found.at, sent=sent, received=received) if clock is None else own_clock_line(found.at)
    yield from run_lines(found)


def _google(project: str | None, region: str | None, name: str | None) -> Iterator[Line]:
    here = Path.cwd()
    infra = here / "infra" if (here / "infra").is_dir() else here
    try:
        installation = Installation.named(project=project, region=region, name=name, infra=infra)
        gcloud = Gcloud.found()
    except DeployError as exc:
        why = f"{exc}: give --google-project, and log in with gcloud" if project is None else str(exc)
        yield from (Line(subject, State.NOT_CHECKED, why) for subject in _GOOGLES)
        return
    inspection = Inspection(gcloud, installation)
    looks = (inspection.scheduler, inspection.queues, inspection.indexes, inspection.permissions)
    for subject, look in zip(_GOOGLES, looks, strict=True):
        yield _of_google(subject, look)


def _of_google(subject: str, look: Callable[[], Found]) -> Line:
    try:
        found = look()
    except CannotInspect as exc:
        return Line(subject, State.NOT_CHECKED, str(exc))
    if found.problem is None:
        return Line(subject, State.OK, found.text)
    return Line(subject, State.PROBLEM, found.problem, found.remedy)
