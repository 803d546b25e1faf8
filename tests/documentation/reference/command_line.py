"""The command line: every command with its arguments and options, as `--help` says them."""

import inspect
from collections.abc import Iterator
from typing import Any

import typer
import typer.main

from documentation.reference.markdown import code, fenced, joined, line, prose, table
from tock.cli.main import app

_TYPES = {"str": "TEXT", "int": "NUMBER", "float": "NUMBER", "path": "PATH", "Path": "PATH"}
_ROOT: Any = typer.main.get_command(app)
_OWN = frozenset({"help", "install_completion", "show_completion"})


def page() -> str:
    """Return the page."""
    commands = list(_commands(_ROOT, ("tock",)))
    return joined(
        "# Command line",
        "`tock COMMAND --help` says the same in the terminal. Global options stand before the subcommand or behind it.",
        table(
            ("command", "what it does"),
            ((f"[`{' '.join(path)}`](#{'-'.join(path)})", line(_first(command))) for path, command in commands),
        ),
        "## Global options",
        _options(_ROOT),
        *(_described(path, command) for path, command in commands),
    )


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command that does something, in the order of `--help`; a default one without its name."""
    below, default = getattr(command, "commands", {}), getattr(command, "default", None)
    if not below or default is not None:
        yield path, default or command
    for name, each in below.items():
        if not each.hidden and each is not default:
            yield from _commands(each, (*path, name))


def _described(path: tuple[str, ...], command: Any) -> str:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    words = [_metavar(each) if each.required else f"[{_metavar(each)}]" for each in arguments]
    return joined(
        f"## {' '.join(path)}",
        prose(_help(command)),
        fenced(" ".join((*path, *(["[OPTIONS]"] if len(arguments) < len(command.params) else []), *words))),
        table(("argument", "meaning"), ((code(_metavar(each)), line(_text(each))) for each in arguments)),
        _options(command),
    )


def _options(command: Any) -> str:
    options = [each for each in command.params if each.param_type_name == "option" and each.name not in _OWN]
    return table(("option", "meaning"), ((_names(each), line(_text(each))) for each in options if not each.hidden))


def _names(option: Any) -> str:
    names = ", ".join(code(name) for name in (*option.opts, *option.secondary_opts))
    return names if option.is_flag else f"{names} {code(_metavar(option))}"


def _metavar(parameter: Any) -> str:
    """Return what stands for the value: a word of its own, the choices, or the type."""
    if parameter.metavar:
        return str(parameter.metavar)
    if parameter.param_type_name == "argument":
        return str(parameter.name.upper())
    # Typer writes `<str>`, or `<list[Path]>` if the option may be repeated.
    kind = parameter.display_type(typer.Context(_ROOT)).strip("<>").removeprefix("list[").removesuffix("]")
    return _TYPES.get(kind, kind)


def _text(parameter: Any) -> str:
    """Return the help with the variable and, where the help says none, the default."""
    said = str(parameter.help or "")
    variable = f" Variable: `{parameter.envvar}`." if parameter.envvar else ""
    default = parameter.default
    unsaid = default not in {None, "", False} if isinstance(default, str | int | float | bool | None) else False
    number = f" Default: `{default}`." if unsaid and "Default" not in said else ""
    return f"{said}{number}{variable}"


def _help(command: Any) -> str:
    return inspect.cleandoc(command.help or "").split("\f")[0]


def _first(command: Any) -> str:
    return _help(command).split("\n\n")[0]
