"""The fields of a resource as options: one table of them makes the options of `create` and of `edit`."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

import typer

from tock.cli.errors import UsageError
from tock.cli.input.json_object import object_from, pairs_from, put
from tock.cli.input.when import Here, instant, length
from tock.core.time.duration import duration_text
from tock.core.time.instant import instant_text

_Command = TypeVar("_Command", bound=Callable[..., Any])
_KEYWORD = inspect.Parameter.KEYWORD_ONLY
_NONE: Mapping[str, Callable[..., Any]] = MappingProxyType({})
#: The option of `edit` that sets fields to null.
CLEAR = "clear"


class Kind(StrEnum):
    """What an option takes."""

    TEXT = "text"
    NUMBER = "number"
    #: A length such as `15m`.
    LENGTH = "length"
    #: A point in time.
    TIME = "time"
    #: A JSON object, as `object_from` reads it.
    OBJECT = "object"
    #: Pairs of texts.
    PAIRS = "pairs"
    #: One of two words, such as `--enabled` and `--disabled`.
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the API's resource, and its option."""

    #: Where the field is in the resource, such as `retry.delay`.
    path: str
    #: The option; of a switch both, such as `--enabled/--disabled`.
    option: str
    help: str
    kind: Kind | type[Enum] = Kind.TEXT
    #: What a new resource has without it.
    default: str = "none"
    #: Whether `create` needs it.
    required: bool = False
    #: Under which heading the help lists it.
    panel: str | None = None

    @property
    def parameter(self) -> str:
        """The name of the parameter that takes the option's value."""
        return self.option.partition("/")[0].removeprefix("--").replace("-", "_")

    def value(self, given: Any, *, here: Here) -> Any:
        """Return what the API takes for what was typed. Raises UsageError."""
        match self.kind:
            case Kind.OBJECT:
                return object_from(given, option=self.option)
            case Kind.PAIRS:
                return pairs_from(given, option=self.option)
            case Kind.TIME:
                return instant_text(instant(given, option=self.option, now=here.now, zone=here.zone))
            case Kind.LENGTH:
                return duration_text(_length(given, option=self.option))
        return given.value if isinstance(given, Enum) else given

    def as_parameter(self, *, creating: bool, completion: Callable[..., Any] | None) -> inspect.Parameter:
        """Return the parameter of a command that takes the option; `completion` offers a shell its values."""
        ends = f" Default: {self.default}." if creating and not self.required else ""
        option = typer.Option(
            self.option,
            help=f"{self.help}{ends}",
            metavar=_METAVARS.get(self.kind) if isinstance(self.kind, Kind) else None,
            rich_help_panel=self.panel,
            show_default=False,
            autocompletion=completion,
        )
        kind = _TYPES[self.kind] if isinstance(self.kind, Kind) else self.kind
        required = creating and self.required
        return inspect.Parameter(
            self.parameter,
            _KEYWORD,
            default=inspect.Parameter.empty if required else None,
            annotation=Annotated[kind if required else kind | None, option],
        )


def takes(
    fields: Sequence[Field], *, creating: bool, completions: Mapping[str, Callable[..., Any]] = _NONE
) -> Callable[[_Command], _Command]:
    """Give a command, which ends with `**given`, the options of the fields; one that edits also takes `--clear`.

    `completions` offer a shell the values of fields, by their paths.
    """

    def with_options(command: _Command) -> _Command:
        signature = inspect.signature(command)
        own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        arguments = [each for each in own if each.default is inspect.Parameter.empty]
        switches = [each.replace(kind=_KEYWORD) for each in own if each.default is not inspect.Parameter.empty]
        options = [field.as_parameter(creating=creating, completion=completions.get(field.path)) for field in fields]
        clear = [] if creating else [_clear(fields)]
        command.__signature__ = inspect.Signature([*arguments, *options, *clear, *switches])  # type: ignore[attr-defined]
        return command

    return with_options


def written(fields: Sequence[Field], given: Mapping[str, Any], *, here: Here) -> dict[str, Any]:
    """Return the fields that were given, as the API's JSON has them; those to clear are null. Raises UsageError."""
    body: dict[str, Any] = {}
    for field in fields:
        if (value := given.get(field.parameter)) is not None:
            put(body, field.path, field.value(value, here=here))
    for path in given.get(CLEAR) or ():
        if not any(path == field.path or path.startswith(f"{field.path}.") for field in fields):
            known = ", ".join(field.path for field in fields)
            raise UsageError(f"--{CLEAR}: there is no field {path!r}.", details=(f"Fields: {known}.",))
        put(body, path, None)
    return body


def _length(text: str, *, option: str) -> timedelta:
    try:
        return length(text)
    except (ValueError, OverflowError) as exc:
        raise UsageError(f"{option}: {exc}") from exc


def _clear(fields: Sequence[Field]) -> inspect.Parameter:
    option = typer.Option(
        f"--{CLEAR}",
        metavar="FIELD",
        help=f"Set a field to nothing, such as {fields[0].path}; may be given several times.",
        show_default=False,
    )
    return inspect.Parameter(CLEAR, _KEYWORD, default=None, annotation=Annotated[list[str] | None, option])


_TYPES: Mapping[Kind, Any] = {
    Kind.TEXT: str,
    Kind.NUMBER: int,
    Kind.LENGTH: str,
    Kind.TIME: str,
    Kind.OBJECT: list[str],
    Kind.PAIRS: list[str],
    Kind.SWITCH: bool,
}
_METAVARS: Mapping[Kind, str] = {
    Kind.LENGTH: "LENGTH",
    Kind.TIME: "TIME",
    Kind.OBJECT: "KEY=VALUE|JSON|@FILE",
    Kind.PAIRS: "KEY=VALUE",
}
