"""`tock.toml`: what a folder defines, for commands that name no module and no file."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tock.manifest.problem import DefinitionsRefused, Problem
from tock.web.validation_errors import invalid_request

#: The file's name, in the folder in which a command is called.
PROJECT_FILE = "tock.toml"


class DevFields(BaseModel):
    """What the local stack of this folder has besides; files and folders are named from here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: The programs that command agents may name, and the git repositories, as in TOCK_COMMANDS and TOCK_REPOSITORIES.
    commands: str | None = None
    repositories: str | None = None
    #: The folders of programs, which go before those of PATH.
    path: tuple[str, ...] = ()


class ProjectFile(BaseModel):
    """The project of a folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Modules and files with agents and triggers.
    definitions: tuple[str, ...] = ()
    dev: DevFields = Field(default_factory=DevFields)


def read_project_file(folder: Path) -> ProjectFile:
    """Return the project of a folder; an empty one if the folder has no `tock.toml`. Raises DefinitionsRefused."""
    path = folder / PROJECT_FILE
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return ProjectFile()
    except OSError as exc:
        raise _refused(f"cannot be read: {exc.strerror or exc}") from exc
    except UnicodeDecodeError as exc:
        raise _refused(f"is not UTF-8: {exc}") from exc
    except tomllib.TOMLDecodeError as exc:
        raise _refused(f"is not TOML: {exc}") from exc
    try:
        return ProjectFile.model_validate(found)
    except ValidationError as exc:
        refusal = invalid_request(exc.errors(include_url=False), model=ProjectFile)
        raise DefinitionsRefused(
            Problem.of(error, place=PROJECT_FILE, resource="") for error in refusal.field_errors
        ) from exc


def _refused(remedy: str) -> DefinitionsRefused:
    return DefinitionsRefused([Problem(PROJECT_FILE, "", "", None, remedy)])
