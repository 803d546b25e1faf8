"""An allow-list: which names the agents of a project may use, such as Python modules or private hosts."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from tock.core.ids.identifier import is_identifier
from tock.core.json.strict import strict_json

#: In the place of a project's id: every project.
EVERY_PROJECT = "*"


@dataclass(frozen=True, slots=True)
class AllowList:
    """The allowed entries by project id; those under `*` hold for every project."""

    by_project: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: "AllowList | Iterable[str]") -> "AllowList":
        """Return the allow-list itself, or one that allows these entries to every project."""
        return entries if isinstance(entries, AllowList) else cls({EVERY_PROJECT: tuple(entries)})

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the allow-list that a setting holds.

        The text is either entries separated by commas, for every project, or a JSON object of lists by project, such as
        `{"demo": ["acme.demo"], "*": ["acme.shared.*"]}`. Raises ValueError, which says what to write.
        """
        if not text.strip().startswith("{"):
            entries = tuple(entry.strip() for entry in text.split(",") if entry.strip())
            return cls({EVERY_PROJECT: entries} if entries else {})
        try:
            given = strict_json(text.encode(errors="surrogatepass"))
        except ValueError as exc:
            raise ValueError(f"is not JSON: {exc}") from exc
        for project, entries in given.items():
            if project != EVERY_PROJECT and not is_identifier(project):
                raise ValueError(f"{project!r} is not a project's id: write an id, or '*' for every project")
            if not isinstance(entries, list) or not all(isinstance(entry, str) and entry.strip() for entry in entries):
                raise ValueError(f"the entries of {project!r} must be a list of texts, such as {_EXAMPLE}")
        return cls({project: tuple(entry.strip() for entry in entries) for project, entries in given.items()})

    @property
    def text(self) -> str:
        """The text that `parse` reads as this allow-list."""
        return json.dumps(self.by_project)

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries of all projects, each once."""
        return tuple(dict.fromkeys(entry for entries in self.by_project.values() for entry in entries))

    def of_project(self, project: str) -> tuple[str, ...]:
        """Return the entries that the project's agents may use: its own, and those of every project."""
        own, shared = self.by_project.get(project, ()), self.by_project.get(EVERY_PROJECT, ())
        return tuple(dict.fromkeys((*own, *shared)))

    def allowing(self, *entries: str) -> "AllowList":
        """Return the allow-list with further entries for every project."""
        shared = (*self.by_project.get(EVERY_PROJECT, ()), *entries)
        return AllowList({**self.by_project, EVERY_PROJECT: tuple(dict.fromkeys(shared))})


_EXAMPLE = '{"demo": ["acme.demo"], "*": ["acme.shared"]}'
