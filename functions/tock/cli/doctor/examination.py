"""Looks at a deployment or a local stack, one thing after the other, for `tock doctor`."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from itertools import chain, islice
from pathlib import Path
from urllib.parse import urlsplit

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
from tock.cli.doctor.orphans import orphan_lines
from tock.client._sync.client import Client
from tock.client.errors import ConnectionFailed, NotTock, TockClientError
from tock.client.local_stack import LocalStack, StackFileDamaged, find_local_stack
from tock.deploy.errors import DeployError
from tock.deploy.gcloud import Gcloud
from tock.deploy.inspection import CannotInspect, Found, Inspection
from tock.deploy.terraform_variables import Installation
from tock.web.resources.projects.diagnosis import DiagnosisResource

#: How many triggers and how many of the newest runs it looks at.
MOST_TRIGGERS, NEWEST_RUNS = 1000, 100
#: What only Google's APIs tell.
_GOOGLES = ("scheduler", "queues", "indexes", "permissions")
#: The hosts of servers that run on this machine.
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
#: The Google Cloud project, the region and the prefix that are given.
Given = tuple[str | None, str | None, str | None]


def examined(client: Client, *, repair: bool, google: Given, clock: MovedClock | None) -> Iterator[Line]:
    """Yield what is found, one thing after the other; what cannot be looked at stops nothing behind it.

    Google's APIs are asked about the deployment that the client talks to, and about another one only if its Google
    Cloud project is given. `clock` is the local stack's own, if it has one.
    """
    diagnosis = cache(client.projects.diagnosis)
    local = _local_stack(client)
    checks: list[tuple[str, Callable[[], Iterator[Line]]]] = [
        ("tick", lambda: tick_lines(client.health.get())),
        ("key", lambda: _key(client)),
        ("triggers", lambda: _triggers(client)),
        ("lateness", lambda: iter([lateness_line(islice(client.runs.list(page_size=NEWEST_RUNS), NEWEST_RUNS))])),
    ]
    if repair:
        checks.append(("repair", lambda: repair_lines(client.projects.repair())))
    checks += [("runs", lambda: _runs(diagnosis, clock=clock)), ("orphans", lambda: orphan_lines(diagnosis()))]
    if local is not None and local.queues:
        checks.append(("queues", lambda: _queues(client, local, now=diagnosis().at)))
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
    if google[0] is None and _is_on_this_machine(client.server):
        yield from _not_googles(local)
    else:
        yield from _google(client.server, google)


def _local_stack(client: Client) -> LocalStack | None:
    """Return the local stack of this folder, if that is whom the client talks to."""
    with suppress(StackFileDamaged):
        stack = find_local_stack()
        if stack is not None and stack.api.rstrip("/") == client.server:
            return stack
    return None


def _is_on_this_machine(server: str) -> bool:
    return urlsplit(server).hostname in _THIS_MACHINE


def _not_googles(local: LocalStack | None) -> Iterator[Line]:
    if local is None or not local.queues:
        remedy = "Call tock doctor in the folder in which `tock dev` runs."
        yield Line("queues", State.NOT_CHECKED, "the server is on this machine, but not that of this folder", remedy)
    for subject in _GOOGLES:
        if subject != "queues":
            yield Line(subject, State.NOT_CHECKED, "a local stack has none of Google's")


def _key(client: Client) -> Iterator[Line]:
    client.projects.get()
    yield Line("key", State.OK, f"it opens project {client.project} of {client.server}")


def _triggers(client: Client) -> Iterator[Line]:
    listing = client.triggers.list(page_size=100)
    triggers = tuple(islice(listing, MOST_TRIGGERS))
    yield from trigger_lines(triggers, listing.unreadable)


def _runs(diagnosis: Callable[[], DiagnosisResource], *, clock: MovedClock | None) -> Iterator[Line]:
    sent = SystemClock().now()
    found = diagnosis()
    received = SystemClock().now()
    yield clock_line(server=found.at, sent=sent, received=received) if clock is None else own_clock_line(found.at)
    yield from run_lines(found)


def _queues(client: Client, local: LocalStack, *, now: datetime) -> Iterator[Line]:
    # Google's libraries, which take a while to import.
    from tock.cli.doctor.local_queues import local_queue_lines  # noqa: PLC0415 - as the comment says

    return local_queue_lines(client, local, now=now)


def _google(server: str, given: Given) -> Iterator[Line]:
    project, region, name = given
    here = Path.cwd()
    infra = here / "infra" if (here / "infra").is_dir() else here
    try:
        installation = Installation.named(project=project, region=region, name=name, infra=infra)
        inspection = Inspection(Gcloud.found(), installation)
    except DeployError as exc:
        return _unseen(f"{exc}: give --google-project, and log in with gcloud" if project is None else str(exc))
    other = _other_deployment(server, inspection)
    if other is None:
        return _of_google(inspection)
    if project is None:
        return _unseen(other, remedy=f"To look at that one nevertheless: --google-project {installation.project}")
    return chain([Line("deployment", State.WARNING, other, "What follows is about that one.")], _of_google(inspection))


def _other_deployment(server: str, inspection: Inspection) -> str | None:
    """Return why Google's APIs may tell of another deployment than this server; None if it is this one."""
    named = f"the deployment {inspection.installation.name} of {inspection.installation.project}"
    try:
        urls = inspection.urls()
    except CannotInspect as exc:
        return f"whether {server} is {named} is not known: {exc}"
    return None if server in urls else f"{server} is not {named}, which answers at {urls[0]}"


def _unseen(why: str, *, remedy: str = "") -> Iterator[Line]:
    return (Line(subject, State.NOT_CHECKED, why, remedy) for subject in _GOOGLES)


def _of_google(inspection: Inspection) -> Iterator[Line]:
    looks = (inspection.scheduler, inspection.queues, inspection.indexes, inspection.permissions)
    return (_looked(subject, look) for subject, look in zip(_GOOGLES, looks, strict=True))


def _looked(subject: str, look: Callable[[], Found]) -> Line:
    try:
        found = look()
    except CannotInspect as exc:
        return Line(subject, State.NOT_CHECKED, str(exc))
    if found.problem is None:
        return Line(subject, State.OK, found.text)
    return Line(subject, State.PROBLEM, found.problem, found.remedy)
