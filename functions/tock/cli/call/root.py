"""The outermost command: takes the options that all commands share anywhere, also behind a subcommand."""

from collections.abc import Sequence
from typing import Any

from typer.core import TyperGroup, TyperOption

from tock.cli.call.former_names import named_now


class Root(TyperGroup):
    """A group of commands whose own options may stand anywhere: `tock runs list --project p` as well."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments with the shared options at the front, and options by their present names."""
        return super().parse_args(ctx, ordered(self, args))


def ordered(root: TyperGroup, args: Sequence[str]) -> list[str]:
    """Return the arguments with the root's options, and their values, before everything else.

    An option that a subcommand has itself, the value of an option, and what stands behind `--` stay where they are. An
    option that is given by a former name gets its present one.
    """
    front: list[str] = []
    rest: list[str] = []
    command: Any = root
    path: list[str] = []
    words = list(args)
    while words:
        word = words.pop(0)
        if word == "--":
            return [*front, *rest, word, *words]
        word = named_now(word, command=" ".join(path))
        own = None if command is root else _option(command, word)
        found = own or _option(root, word)
        place = front if own is None and found is not None else rest
        place.append(word)
        if found is not None and not found.is_flag and "=" not in word and words:
            place.append(words.pop(0))
        elif found is None and isinstance(command, TyperGroup) and word in command.commands:
            command = command.commands[word]
            path.append(word)
    return [*front, *rest]


def _option(command: Any, word: str) -> TyperOption | None:
    """Return the command's option of this name; None for others, and for those that end the call, such as --version."""
    name = word.partition("=")[0]
    return next(
        (
            each
            for each in command.params
            if isinstance(each, TyperOption) and not each.is_eager and name in (*each.opts, *each.secondary_opts)
        ),
        None,
    )
