"""`tock dev`: runs all of Tock on this machine until Ctrl-C."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tock import packaged_files
from tock.bootstrap.system_clock import SystemClock
from tock.cli.applying.sources import named_sources, project_file
from tock.cli.call.default_group import DefaultGroup
from tock.cli.call.here import here_of
from tock.cli.call.options import globals_of
from tock.cli.commands.local.advance import advance
from tock.cli.errors import CommandError
from tock.cli.output.printing import say
from tock.core.time.instant import instant_text
from tock.local.data_folder import using
from tock.local.errors import LocalError
from tock.local.output.log import Log, log_file
from tock.local.stack.ports import PORT
from tock.local.stack.session import PROJECT, Session

if TYPE_CHECKING:
    # Other commands start faster without it.
    from tock.local.sources.named import Sources
    from tock.local.sources.reading import Found
    from tock.local.sources.unread import Unread
    from tock.manifest.project_file import DevFields

#: The log's file, in the folder for stored data.
_LOG = "log.txt"
#: What the banner says of the secrets of HTTP agents if there are none.
_NO_SECRETS = """come from the start: TOCK_SECRETS='{"demo/NAME": "whsec_..."}' tock dev"""
#: A log of earlier starts that is larger than this, in bytes, is renamed to log.old.txt.
_LARGEST_LOG = 10 * 1024 * 1024

app = typer.Typer(cls=DefaultGroup, help="Run Tock on this machine, and move its clock.")


Data = Annotated[Path, typer.Option(help="The folder for stored data, the log and the ports.")]


@app.command("start")
def dev(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODULE|FILE",
            help="Python modules, such as acme.agents, and files that end in .yaml, .yml or .json. What they define is "
            "applied, and again after each edit; agents may name these modules, besides TOCK_PYTHON_MODULES. "
            "Default: the definitions of tock.toml in this folder.",
            show_default=False,
        ),
    ] = None,
    data: Data = Path(".tock"),
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help="The API's port. Default: 8625 or, if that is in use, a free one, the same after a restart.",
        ),
    ] = None,
    repo: Annotated[
        Path | None,
        typer.Option(
            help="With --demo: the git repository that the digest agent reads. Default: the current folder's, or else "
            "a sample.",
            show_default=False,
        ),
    ] = None,
    commands: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file of the programs that command agents may name. Default: tock.toml, or TOCK_COMMANDS.",
            show_default=False,
        ),
    ] = None,
    repositories: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file of the git repositories that they may name. Default: tock.toml, or TOCK_REPOSITORIES.",
            show_default=False,
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Begin at this time, such as 2027-03-28T00:50:00Z or 'tomorrow 9:00', with a clock that `tock dev "
            "advance` moves. Default: the machine's clock, or the one that the stored data was made with.",
            show_default=False,
        ),
    ] = None,
    *,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            help="Show the whole log. Default: what runs say, how they end, and what goes wrong.",
        ),
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="First delete the data that earlier starts stored. Default: keep it.")
    ] = False,
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Create the demo's agents and triggers. Default: create none.")
    ] = False,
) -> None:
    """Run Tock on this machine until Ctrl-C: both emulators, the five functions and a ticker, which ticks each minute.

    Modules are imported from the current folder, its folder src, and PYTHONPATH. The next run executes what was edited;
    runs that are under way go on with the code that they began with. Other `tock` commands in this folder or below it
    use this stack. `tock dev advance 2h` moves the clock of a stack that was started with --at.

    Examples: tock dev; tock dev acme.agents; tock dev acme.agents tock.yaml
    """
    from tock.local.demo.sample_repository import repository_to_read  # noqa: PLC0415 - other commands start faster
    from tock.local.dev import run_until_stopped  # noqa: PLC0415 - as above
    from tock.local.sources.named import Sources  # noqa: PLC0415 - as above
    from tock.local.sources.unread import Unread  # noqa: PLC0415 - as above
    from tock.manifest.problem import DefinitionsRefused  # noqa: PLC0415 - as above
    from tock.manifest.project_file import PROJECT_FILE  # noqa: PLC0415 - as above

    key = globals_of(context).key or ""
    unread = Unread.now(Path.cwd() / PROJECT_FILE)
    project = project_file()
    begin = here_of(context).instant(at, option="--at")
    try:
        sources = Sources.named(named_sources(names), here=Path.cwd())
        with _log(data, verbose=verbose) as log:
            with using(data):
                repository = repository_to_read(repo, data=data) if with_demo else None
            reason = asyncio.run(
                run_until_stopped(
                    data=data,
                    entry_module=packaged_files.entry_module(),
                    sources=sources,
                    port=port,
                    fresh=fresh,
                    repository=repository,
                    settings=_settings(project.dev, commands=commands, repositories=repositories),
                    key=key,
                    at=begin,
                    log=log,
                    follow=lambda session, reading: _follow(
                        session,
                        reading,
                        sources=sources,
                        unread=unread,
                        key=key,
                        log=log,
                        ready=lambda command: _announce(
                            session, data=data, port=port, next_line=_next_line(command, sources, with_demo=with_demo)
                        ),
                    ),
                )
            )
            log("stack", f"ended: {reason}")
    except LocalError as exc:
        raise CommandError(str(exc)) from exc
    except DefinitionsRefused as exc:
        raise CommandError(str(exc), details=tuple(problem.sentence for problem in exc.problems)) from exc


async def _follow(
    session: Session,
    reading: "Awaitable[Found]",
    *,
    sources: "Sources",
    unread: "Unread",
    key: str,
    log: Log,
    ready: Callable[[str | None], None],
) -> None:
    """Apply what the sources define, and again after each edit; `ready` is called with what to do next, if anything."""
    import anyio  # noqa: PLC0415 - other commands start faster

    from tock import Client  # noqa: PLC0415 - as above
    from tock.cli.applying.dev_definitions import DevDefinitions  # noqa: PLC0415 - as above

    now = (session.stack.clock or SystemClock()).now
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(unread.tell_of_edits, log)
        if not sources.names:
            ready(None)
            return
        with Client(session.stack.urls["api"], project=PROJECT, key=key, identity_token="") as client:
            definitions = DevDefinitions(sources=sources, client=client, now=now, log=log)
            await definitions.follow(reading, ready=ready)


@contextmanager
def _log(data: Path, *, verbose: bool) -> Iterator[Log]:
    """Give a log to a file in the folder and, in brief unless `verbose`, to the terminal. Raises DataUnusable."""
    with ExitStack() as opened:
        with using(data):
            data.mkdir(parents=True, exist_ok=True)
            path = data / _LOG
            if path.is_file() and path.stat().st_size > _LARGEST_LOG:
                path.replace(data / "log.old.txt")
            # Append: another stack may be using this folder, which this one notices only later, when it starts.
            file = opened.enter_context(log_file(path, mode="a"))
        yield Log(sys.stdout, file, now=SystemClock().now, brief=() if verbose else (sys.stdout,))


def _settings(given: "DevFields", *, commands: Path | None, repositories: Path | None) -> dict[str, str]:
    """Return the variables that hold the paths, whole ones: the functions work in another folder."""
    files = {"TOCK_COMMANDS": commands or given.commands, "TOCK_REPOSITORIES": repositories or given.repositories}
    variables = {name: str(Path(file).absolute()) for name, file in files.items() if file is not None}
    if given.path:
        folders = [str(Path(folder).absolute()) for folder in given.path]
        variables["PATH"] = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    return variables


def _next_line(command: str | None, sources: "Sources", *, with_demo: bool) -> str | None:
    """Return what to do next, after the command that the definitions have for that, or None."""
    if not (sources.names or with_demo):
        return "nothing is defined here; for a project that runs at once: Ctrl-C, then tock init, then tock dev"
    command = command if sources.names else "tock runs list"
    return None if command is None else f"in another terminal here: {command}"


def _announce(session: Session, *, data: Path, port: int | None, next_line: str | None) -> None:
    said = _addresses(session, data=data, port=port)
    if session.stack.clock is not None:
        now = instant_text(session.stack.clock.now().replace(microsecond=0))
        said["Clock"] = f"{now}, and it goes on; to move it: tock dev advance 2h"
    if session.access.needs_key:
        said["Keys"] = "are needed, because TOCK_ADMIN_KEY_HASH is set: export TOCK_KEY=<the admin key>"
    secrets = "are those of TOCK_SECRETS" if os.environ.get("TOCK_SECRETS") else _NO_SECRETS
    said["HTTP"] = f"agents may be on localhost; their secrets {secrets}"
    if not session.access.opens_all:
        said["First"] = f"in another terminal here: tock projects create {PROJECT}, unless it exists"
    if next_line is not None:
        said["Next"] = next_line
    lines = [f"  {word:9}{text}" for word, text in said.items()]
    say("\n".join(["", f"Tock is running. Ctrl-C stops it; its data stays in {data}.", *lines, ""]))


def _addresses(session: Session, *, data: Path, port: int | None) -> dict[str, str]:
    url = session.stack.urls["api"]
    elsewhere = "" if port is not None or url.endswith(f":{PORT}/") else f"   (port {PORT} is in use)"
    return {
        "Console": f"{url}projects/{PROJECT}{elsewhere}",
        "API": f"{url}v1/projects/{PROJECT}",
        "Log": f"{data / _LOG}",
    }


app.command("advance")(advance)
