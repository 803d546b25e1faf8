"""Tells errors of the client with the options of the command line, not the API's fields or Python's arguments."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import typer

from tock.cli.errors import CommandError, UsageError
from tock.client.errors import ApiError, InvalidArgument, NotConfigured, TockClientError

#: Fields of the API whose option has another name: the first one that the command has.
_OTHER_NAMES = {
    "config": ("--config", "--current"),
    "enabled": ("--enabled", "--disabled"),
    "from": ("--since",),
    "group_by": ("--by",),
    "Idempotency-Key": ("--idempotency-key",),
    "labels": ("--label",),
    "mode": ("--after", "--catch-up"),
    "page_size": ("--limit",),
    "timeout": ("--attempt-timeout",),
    "to": ("--until",),
}
#: Objects of the API whose members have options of their own: schedule.cron is --cron.
_OPENED = ("schedule", "input", "retry", "catch_up")
#: An argument of Python's client in a remedy, with a word for its value or without.
_ARGUMENT = re.compile(r"\b(server|project|key|identity_token)=([A-Z]+)?")
#: A field that a message quotes.
_QUOTED = re.compile(r"`([a-z_.]+)`")


@contextmanager
def errors_of_command(context: typer.Context) -> Iterator[None]:
    """Raise what the client raises as a CommandError in the words of this command."""
    try:
        yield
    except TockClientError as exc:
        raise _command_error(exc, options=_options(context)) from exc


def _command_error(error: TockClientError, *, options: Mapping[str, str | None]) -> CommandError:
    notes = getattr(error, "__notes__", [])
    remedies = tuple(filter(None, (_with_options(error.remedy),)))
    match error:
        case ApiError():
            fields = [each.field for each in error.errors]
        case InvalidArgument():
            fields = [error.field]
        case NotConfigured():
            return UsageError(error.problem, details=(*remedies, *notes))
        case _:
            return CommandError(error.problem, details=(*remedies, *notes))
    # The client refuses what it does not send.
    kind = UsageError if isinstance(error, InvalidArgument) else CommandError
    return kind(
        _renamed(error.problem, fields, options=options),
        details=(*(_renamed(note, fields, options=options) for note in notes), *remedies),
    )


def _options(context: typer.Context) -> dict[str, str | None]:
    """The options of the command and of `tock` itself, each with the variable that may stand for it."""
    commands = (context.find_root().command, context.command)
    return {
        option: getattr(parameter, "envvar", None)
        for command in commands
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }


def _with_options(text: str) -> str:
    """Return the text with `--server URL` for `server=URL`."""
    return _ARGUMENT.sub(lambda found: f"--{_dashed(found[1])}" + (f" {found[2]}" if found[2] else ""), text)


def _renamed(text: str, fields: list[str], *, options: Mapping[str, str | None]) -> str:
    """Return the text with options for the fields that it begins sentences with or quotes."""
    if fields:
        begins = re.compile(rf"(^|; )({'|'.join(map(re.escape, fields))}): ")
        text = begins.sub(lambda found: f"{found[1]}{_name(found[2], options=options)}: ", text)
    return _QUOTED.sub(lambda found: _option(found[1], options=options) or found[0], text)


def _name(field: str, *, options: Mapping[str, str | None]) -> str:
    """Return the option for a field, with what else it goes by; the field itself if the command has none for it."""
    option = _option(field, options=options)
    if option is None:
        return field
    if variable := options[option]:
        return f"{option} ({variable})"
    return option if option == f"--{_dashed(field).replace('.', '-')}" else f"{option} ({field})"


def _option(field: str, *, options: Mapping[str, str | None]) -> str | None:
    """Return the option for a field or for the nearest object around it: --config for config.callable."""
    first, _, rest = field.partition(".")
    opened = first if first in _OPENED and rest else ""
    path = rest if opened else field
    while path:
        names = _OTHER_NAMES.get(path, (f"--{_dashed(path)}",))
        for option in (f"--{_dashed(opened)}-{_dashed(path)}", *names) if opened else names:
            if option in options:
                return option
        path = path.rpartition(".")[0]
    return None


def _dashed(field: str) -> str:
    return field.replace("_", "-")
