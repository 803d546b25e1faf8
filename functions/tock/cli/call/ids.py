"""The ids that people type: the beginning of a run's id is enough, and the shell completes the others."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tock.cli.call.options import client_for_completion, client_of
from tock.cli.errors import CommandError

if TYPE_CHECKING:
    from tock.cli.call.client import CommandClient

#: The characters of a whole id of a run, and the fewest of a beginning that is looked up.
_WHOLE, _SHORTEST = 24, 4
_BEGINNING = re.compile(rf"[0-9a-f]{{{_SHORTEST},{_WHOLE - 1}}}")
#: How many runs an ambiguous beginning names, and how many ids a shell is offered.
_NAMED, _OFFERED = 5, 50


def whole_run_id(context: typer.Context, given: str | None) -> str | None:
    """Return the id of the run whose id begins with the text; the text itself if it is no such beginning.

    Raises CommandError if several runs begin with it, and names some.
    """
    if given is None or context.resilient_parsing or not _BEGINNING.fullmatch(given):
        return given
    with client_of(context) as client:
        runs = client.runs.list(id_prefix=given, page_size=_NAMED + 1).page().runs
    if len(runs) > 1:
        named = tuple(f"{run.id}  {run.trigger or run.agent}  {run.status}" for run in runs[:_NAMED])
        more = ("…",) if len(runs) > _NAMED else ()
        raise CommandError(f"Several runs begin with {given!r}: write more of the id.", details=(*named, *more))
    # If there is none, the server says that there is no such run.
    return runs[0].id if runs else given


def whole_key_id(context: typer.Context, given: str | None) -> str | None:
    """Return the id of the API key whose id begins with the text; the text itself if it is no such beginning.

    Raises CommandError if several keys begin with it, and names some.
    """
    if given is None or context.resilient_parsing or len(given) < _SHORTEST:
        return given
    with client_of(context) as client:
        keys = {key: name for key, name in _keys(client, given) if key.startswith(given)}
    if given in keys or not keys:
        # If there is none, the server says that there is no such key.
        return given
    if len(keys) > 1:
        named = tuple(f"{key}  {name}" for key, name in list(keys.items())[:_NAMED])
        more = ("…",) if len(keys) > _NAMED else ()
        raise CommandError(f"Several API keys begin with {given!r}: write more of the id.", details=(*named, *more))
    return next(iter(keys))


def _completed(listed: "Callable[[CommandClient, str], Iterator[tuple[str, str]]]") -> Callable[..., Any]:
    """Return a function that offers a shell what begins with the word; nothing if the server does not answer."""

    def complete(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        try:
            with client_for_completion(context) as client:
                return [found for found in listed(client, incomplete) if found[0].startswith(incomplete)][:_OFFERED]
        except CommandError:
            return []

    return complete


def _runs(client: "CommandClient", incomplete: str) -> Iterator[tuple[str, str]]:
    page = client.runs.list(id_prefix=incomplete or None, page_size=_OFFERED).page()
    return ((run.id, f"{run.trigger or run.agent}, {run.status}") for run in page.runs)


def _agents(client: "CommandClient", _: str) -> Iterator[tuple[str, str]]:
    return ((agent.id, agent.name or agent.kind) for agent in client.agents.list(page_size=100).page().agents)


def _triggers(client: "CommandClient", _: str) -> Iterator[tuple[str, str]]:
    page = client.triggers.list(page_size=100).page()
    return ((trigger.id, trigger.name or trigger.schedule_text) for trigger in page.triggers)


def _projects(client: "CommandClient", _: str) -> Iterator[tuple[str, str]]:
    return ((project.id, project.name or "") for project in client.projects.list(page_size=100).page().projects)


def complete_profiles(incomplete: str) -> list[tuple[str, str]]:
    """Offer a shell the stored profiles that begin with the word; none if they cannot be read."""
    from tock.client.errors import TockClientError  # noqa: PLC0415 - commands that ask no server start faster
    from tock.client.profiles import stored_profiles  # noqa: PLC0415 - as above

    try:
        stored = stored_profiles().by_name
    except TockClientError:
        return []
    return [(name, stored[name].server) for name in sorted(stored) if name.startswith(incomplete)]


def _keys(client: "CommandClient", _: str) -> Iterator[tuple[str, str]]:
    listing = client.keys.list(page_size=100)
    yield from ((key.id, key.name) for key in listing)
    yield from ((key.id, "cannot be read") for key in listing.unreadable)


complete_runs, complete_agents = _completed(_runs), _completed(_agents)
complete_triggers, complete_projects = _completed(_triggers), _completed(_projects)
complete_keys = _completed(_keys)

RunId = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="The run's id, or its first four characters or more.",
        callback=whole_run_id,
        autocompletion=complete_runs,
    ),
]
AgentId = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's id.", autocompletion=complete_agents)]
NewAgentId = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's id.")]
TriggerId = Annotated[
    str, typer.Argument(metavar="TRIGGER", help="The trigger's id.", autocompletion=complete_triggers)
]
NewTriggerId = Annotated[str, typer.Argument(metavar="TRIGGER", help="The trigger's id.")]
SomeProject = Annotated[
    str, typer.Argument(metavar="PROJECT", help="The project's id.", autocompletion=complete_projects)
]
ProjectId = Annotated[
    str | None,
    typer.Argument(
        metavar="PROJECT", help="The project's id. Default: that of --project.", autocompletion=complete_projects
    ),
]
KeyId = Annotated[
    str,
    typer.Argument(
        metavar="KEY",
        help="The key's id, or its first four characters or more.",
        callback=whole_key_id,
        autocompletion=complete_keys,
    ),
]
