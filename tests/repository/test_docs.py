"""What the documentation tells people to type and to look for exists, and no link in it leads nowhere."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

import documentation.pages
from documentation.pages import ROOT
from tock.bootstrap.settings import Settings
from tock.cli.main import app

PAGES = [*(ROOT / page for page in documentation.pages.PAGES), *sorted((ROOT / "examples").glob("*/README.md"))]
#: A link's target, or the start of a word that is code.
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def _headings(page: Path) -> set[str]:
    """The anchors of a page, as the usual renderers make them of its headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text())):
        path, _, anchor = target.partition("#")
        if path.startswith(("http://", "https://")):
            continue
        file = (page.parent / path) if path else page
        if not file.exists() or (anchor and anchor not in _headings(file)):
            broken.append(target)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_exists(page: Path) -> None:
    root: Any = typer.main.get_command(app)
    lines = [line for block in FENCE.findall(page.read_text()) for line in block.splitlines()]
    lines += re.findall(r"`(tock [^`]+)`", page.read_text())

    for line in lines:
        for words in re.findall(r"(?<![\w/.-])tock ((?:[a-z]+ ?)+[^#\n]*)", line):
            command, names = root, words.split()
            while names and names[0] in getattr(command, "commands", {}):
                command = command.commands[names.pop(0)]
            assert command is not root, f"{page.name}: tock {words}"
            command = getattr(command, "default", command)
            assert not getattr(command, "commands", {}) or not names or names[0].startswith("-"), f"tock {words}"
            known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
            assert {name.partition("=")[0] for name in names if name.startswith("--")} <= known, f"tock {words}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = re.findall(r"(?:^|&& |`)make ([a-z-]+)", page.read_text(), re.MULTILINE)

    assert set(named) <= targets


def test_every_setting_that_the_configuration_names_is_one() -> None:
    text = (ROOT / "docs" / "reference" / "configuration.md").read_text()

    # TOCK_KEY is the command line's.
    named = set(re.findall(r"TOCK_[A-Z_]+", text)) - {"TOCK_KEY"}

    assert named <= {f"TOCK_{name.upper()}" for name in Settings.model_fields}
