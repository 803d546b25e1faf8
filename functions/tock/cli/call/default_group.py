"""A command with subcommands that also works by itself: `tock dev acme.agents` beside `tock dev advance 2h`."""

from typing import Any

from typer.core import TyperGroup


class DefaultGroup(TyperGroup):
    """Runs its first command unless the next word names another one."""

    @property
    def default(self) -> Any:
        """The command that runs if none is named."""
        return next(iter(self.commands.values()))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command's name before arguments that name none."""
        named = args if args and args[0] in self.commands else [self.default.name, *args]
        return super().parse_args(ctx, named)
