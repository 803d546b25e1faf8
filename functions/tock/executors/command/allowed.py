"""The commands and repositories of a deployment, which agents name and never describe."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Generic, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tock.core.agent.allow_list import EVERY_PROJECT
from tock.core.errors import InvalidArgument
from tock.core.fields.git_ref import require_ref
from tock.core.ids.identifier import is_identifier
from tock.core.json.strict import strict_json

#: The most arguments that an agent may add to a command, and the most characters of each.
MAX_ARGUMENTS = 32
MAX_ARGUMENT = 4_000
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WITHOUT_NUL = r"^[^\x00]+$"
#: What git may use to reach a repository; nothing else can be told to run a program.
SCHEMES = ("https", "file")

Projects = Annotated[tuple[str, ...], Field(min_length=1)]


class SecretValue(BaseModel):
    """A secret of the deployment, by `project/name`, in the place of a text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: str = Field(pattern=r"^[^/\s]+/[^/\s]+$")


class _Named(BaseModel):
    """What a deployment allows to the agents of some projects; `*` is every project."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    projects: Projects

    @field_validator("projects")
    @classmethod
    def _are_ids(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for project in given:
            if project != EVERY_PROJECT and not is_identifier(project):
                raise ValueError(f"{project!r} is not a project's id: write an id, or '*' for every project")
        return given


class Command(_Named):
    """A program with its arguments, as the deployment starts it; no shell reads them."""

    argv: Annotated[tuple[Annotated[str, Field(pattern=_WITHOUT_NUL)], ...], Field(min_length=1)]
    #: Variables besides those that the function's process has, Tock's own excepted.
    environment: Mapping[str, str | SecretValue] = {}
    #: How many arguments an agent may add after `argv`.
    arguments: int = Field(default=0, ge=0, le=MAX_ARGUMENTS)

    @field_validator("argv")
    @classmethod
    def _is_no_path_of_a_workspace(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if "/" in given[0] and not given[0].startswith("/"):
            raise ValueError(f"{given[0]!r} would be looked up in the workspace: write a name in PATH or a whole path")
        return given

    @field_validator("environment")
    @classmethod
    def _are_variables(cls, given: Mapping[str, str | SecretValue]) -> Mapping[str, str | SecretValue]:
        for name, value in given.items():
            if _VARIABLE.fullmatch(name) is None or name.startswith("TOCK_"):
                raise ValueError(f"{name!r} is no name for a variable: write letters, digits and _, not TOCK_ first")
            if isinstance(value, str) and "\x00" in value:
                raise ValueError(f"the value of {name} holds a NUL character, which no variable can")
        return given


class Repository(_Named):
    """A git repository, and the branch or tag that runs begin with unless they ask for another."""

    url: str
    ref: str = "main"
    #: The name of the secret of the deployment that opens it over HTTPS, such as a token.
    secret: str | None = Field(default=None, pattern=r"^[^/\s]+/[^/\s]+$")
    #: The user name that goes with the secret.
    user: str = Field(default="x-access-token", pattern=r"^[^:\s]+$")

    @field_validator("url")
    @classmethod
    def _can_be_reached(cls, given: str) -> str:
        parts = urlsplit(given)
        if parts.scheme not in SCHEMES or not parts.path.strip("/") or any(c.isspace() or c < " " for c in given):
            raise ValueError("is not the URL of a repository: write https://HOST/PATH")
        if parts.username is not None or parts.password is not None:
            # The value holds a secret, so the message does not quote it.
            raise ValueError("holds a user or a password: name the secret in 'secret' instead")
        return given

    @field_validator("ref")
    @classmethod
    def _is_a_ref(cls, given: str) -> str:
        try:
            require_ref(given, field="ref")
        except InvalidArgument as exc:
            raise ValueError(str(exc)) from exc
        return given


N = TypeVar("N", Command, Repository)


class Allowed(Generic[N]):
    """Commands or repositories by name. An agent finds only those of its project."""

    def __init__(self, by_name: Mapping[str, N]) -> None:
        self._by_name: dict[str, N] = dict(by_name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Allowed) and self._by_name == other._by_name

    __hash__ = None  # type: ignore[assignment] # it holds dicts

    @classmethod
    def parse(cls, text: str, *, kind: type[N]) -> "Self":
        """Return what a setting holds: a JSON object by name, or the path of a file that holds one.

        Raises ValueError, which says what to write.
        """
        if not text.strip():
            return cls({})
        if not text.strip().startswith("{"):
            try:
                text = Path(os.path.expanduser(text.strip())).read_text(encoding="utf-8")  # noqa: PTH111 - as shells do
            except (OSError, ValueError) as exc:
                raise ValueError(f"is neither a JSON object nor a file that can be read: {exc}") from exc
        try:
            given = strict_json(text.encode(errors="surrogatepass"))
        except ValueError as exc:
            raise ValueError(f"is not JSON: {exc}") from exc
        if not isinstance(given, dict):
            raise ValueError("is not a JSON object of entries by their names")  # noqa: TRY004 - for the setting
        return cls({name: _entry(name, entry, kind=kind) for name, entry in given.items()})

    def named(self, name: object, *, project: str, field: str, setting: str) -> N:
        """Return the entry of this name if the project's agents may use it.

        Raises InvalidArgument, in the same words whether there is such an entry for other projects or not.
        """
        entry = self._by_name.get(name) if isinstance(name, str) else None
        if entry is None or not {project, EVERY_PROJECT} & set(entry.projects):
            own = sorted(each for each, of in self._by_name.items() if {project, EVERY_PROJECT} & set(of.projects))
            names = f"one of {', '.join(own)}" if own else "there is none for this project yet"
            raise InvalidArgument(field=field, value=name, remedy=f"name an entry of the setting {setting}: {names}")
        return entry


def _entry(name: str, entry: Any, *, kind: type[N]) -> N:
    if not is_identifier(name):
        raise ValueError(f"{name!r} is no name: write small letters, digits and -")
    try:
        valid: N = kind.model_validate(entry)
    except ValidationError as exc:
        # The given values may be secret, so they are not quoted.
        problems = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in exc.errors())
        raise ValueError(f"the entry {name!r} is not valid: {problems}") from exc
    return valid
