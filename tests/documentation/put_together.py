"""Puts all pages of the site into one folder: those of the repository at their places, and the reference."""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from documentation.pages import ROOT
from documentation.reference import (
    command_line,
    events,
    operations,
    python_agents,
    python_client,
    python_testing,
    settings,
    statuses,
)

#: The pages that are made from the code, by their places.
REFERENCE = {
    "docs/reference/command-line.md": command_line.page,
    "docs/reference/events.md": events.page,
    "docs/reference/operations.md": operations.page,
    "docs/reference/python-agents.md": python_agents.page,
    "docs/reference/python-client.md": python_client.page,
    "docs/reference/python-testing.md": python_testing.page,
    "docs/reference/settings.md": settings.page,
    "docs/reference/statuses.md": statuses.page,
}
#: Comments say to the tests how blocks are run.
_COMMENT = re.compile(r"^<!--.*?-->\n+", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(\]\()([^)\s#]+)((?:#[^)\s]*)?\))")


def put_together(target: Path) -> None:
    """Write every page of the site into the folder, and the files that they link to."""
    shutil.rmtree(target, ignore_errors=True)
    for style in _configuration()["extra_css"]:
        _copy(ROOT / style, target=target)
    for place in sorted(pages_of_the_site()):
        text = REFERENCE[place]() if place in REFERENCE else (ROOT / place).read_text(encoding="utf-8")
        file = target / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_COMMENT.sub("", _whole_links(text, page=Path(place))), encoding="utf-8")
        for linked in _linked_files(text, page=Path(place)):
            _copy(linked, target=target)


def _copy(file: Path, *, target: Path) -> None:
    copy = target / file.relative_to(ROOT)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, copy)


def pages_of_the_site() -> set[str]:
    """Return the places of all pages: those in the navigation, and the examples, to which other pages lead."""
    navigation = set(_places(_configuration()["nav"]))
    return navigation | {str(page.relative_to(ROOT)) for page in (ROOT / "examples").rglob("README.md")}


def _configuration() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    return found


def _places(entries: list[Mapping[str, Any]]) -> Iterator[str]:
    for entry in entries:
        for below in entry.values():
            if isinstance(below, str):
                yield below
            else:
                yield from _places(below)


def _whole_links(text: str, *, page: Path) -> str:
    """Return the text with the README in place of its folder, which only a server shows by itself."""

    def whole(found: re.Match[str]) -> str:
        readme = ROOT / page.parent / found[2] / "README.md"
        return f"{found[1]}{found[2].rstrip('/')}/README.md{found[3]}" if readme.is_file() else found[0]

    return _LINK.sub(whole, text)


def _linked_files(text: str, *, page: Path) -> Iterator[Path]:
    """Yield the files of the repository that the page links to and that are no pages."""
    for _, target, _ in _LINK.findall(text):
        file = (ROOT / page.parent / target).resolve()
        if "://" not in target and file.is_file() and file.suffix != ".md":
            yield file
