"""The options that several commands share, and the global options of one call of `tock`."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tock.cli.errors import CommandError

if TYPE_CHECKING:
    # Commands that ask no server start faster without it.
    from tock.cli.command_client import CommandClient

Json = Annotated[bool, typer.Option("--json", help="Print the server's JSON instead of a table.")]
Key = Annotated[
    str | None,
    typer.Option("--idempotency-key", help="A second call with this key returns the first call's run. Default: none."),
]
Model = Annotated[str | None, typer.Option(help="The model name. Default: that of the trigger or run, if any.")]
Ref = Annotated[
    str | None, typer.Option(help="The branch, tag or other version to work on. Default: that of the trigger, if any.")
]
Limit = Annotated[int, typer.Option(min=1, max=100, help="The most entries to list.")]
Payload = Annotated[
    str | None, typer.Option(help="A JSON object, or @FILE that contains one. Default: the trigger's payload, or {}.")
]
Evidence = Annotated[
    str | None,
    typer.Option(
        help="What a run must show to succeed: a JSON object, or @FILE that contains one, with output_schema, events "
        """or min_tokens, such as '{"events": ["pull_request"], "min_tokens": 1000}'. Default: nothing."""
    ),
]
ProgressEvery = Annotated[
    str | None,
    typer.Option(
        help="Stop an attempt that shows no event, usage, checkpoint or output for so long: 5s to 29m. Default: never."
    ),
]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]
Wait = Annotated[
    bool, typer.Option("--wait", help="Follow the run until it is settled; exit 1 unless it succeeds. Default: return.")
]

#: What to do about a text that is not JSON: a shell takes away double quotes that no single quotes protect.
QUOTED = (
    """Put single quotes around the object, '{"repo": "."}', so that the shell keeps it as it is; or write @FILE."""
)
_IN_THE_FILE = 'The file holds one JSON object, such as {"repo": "."}.'


@dataclass(frozen=True, slots=True)
class Globals:
    """The values of the global options, which stand before the subcommand; None for those that were not given."""

    server: str | None
    project: str | None
    key: str | None
    identity_token: str | None
    #: The name of a stored profile.
    profile: str | None


@contextmanager
def client_of(context: typer.Context) -> Iterator["CommandClient"]:
    """Give a client with the global options of this call, and close it in the end.

    Raises CommandError for each error of the client, in the words of this command.
    """
    from tock.cli.command_client import CommandClient  # noqa: PLC0415 - commands that ask no server start faster
    from tock.cli.option_names import errors_of_command  # noqa: PLC0415 - as above

    found = globals_of(context)
    with (
        errors_of_command(context),
        CommandClient(
            server=found.server,
            project=found.project,
            key=found.key,
            identity_token=found.identity_token,
            profile=found.profile,
        ) as client,
    ):
        yield client


def globals_of(context: typer.Context) -> Globals:
    """Return the values of the global options of this call."""
    found = context.find_object(Globals)
    if found is None:
        raise CommandError("The subcommand was called without the global options of `tock`.")
    return found


def object_of(text: str | None, *, option: str) -> dict[str, Any] | None:
    """Return the JSON object in an option's text, or in the file that `@FILE` names. Raises CommandError."""
    if text is None:
        return None
    try:
        # An editor may have put a byte order mark before the JSON.
        value = json.loads(Path(text[1:]).read_text(encoding="utf-8-sig") if text.startswith("@") else text)
    except OSError as exc:
        raise CommandError(f"{option}: {exc.strerror}: {text[1:]}") from exc
    except UnicodeDecodeError as exc:
        raise CommandError(f"{option}: {text[1:]} is not UTF-8: {exc}") from exc
    except RecursionError as exc:
        raise CommandError(f"{option}: the JSON is nested too deeply: flatten it") from exc
    except ValueError as exc:
        remedy = _IN_THE_FILE if text.startswith("@") else QUOTED
        raise CommandError(f"{option}: not JSON: {exc}", details=(remedy,)) from exc
    if not isinstance(value, dict):
        raise CommandError(f"{option}: a JSON object is needed, not {type(value).__name__}")
    return value


def changes_of(text: str, *, kind: Literal["project", "agent", "trigger"]) -> dict[str, Any]:
    """Return the changes in the argument CHANGES. Raises CommandError for what is no field of this kind of resource."""
    from tock.client import fields  # noqa: PLC0415 - commands that change nothing start faster

    changed = object_of(text, option="CHANGES") or {}
    kinds = {
        "project": fields.ProjectFields.__optional_keys__,
        "agent": fields.AgentChanges.__optional_keys__,
        "trigger": fields.TriggerChanges.__optional_keys__,
    }
    known = kinds[kind]
    for field in changed:
        if field not in known:
            hint = f"Its fields are {', '.join(sorted(known))}."
            raise CommandError(f"CHANGES: {field!r} is no field of the {kind}.", details=(hint,))
    return changed


def has_torn_json(words: Sequence[str]) -> bool:
    """Whether a shell has made several words of a JSON object, because no quotes were around it."""
    begins = [place for place, word in enumerate(words) if word.startswith("{") and not word.endswith("}")]
    return bool(begins) and any(word.endswith("}") for word in words[begins[0] + 1 :])


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {field: value for field, value in fields.items() if value is not None}
