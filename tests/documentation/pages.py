"""The pages of the documentation, and the fenced blocks in them.

A comment before a block says what its language does not: which file it is (`file: acme/agents.py`), which part of the
API's document, which setting or which file of Tock it is an example of (`schema: NewTrigger`, `schema: TOCK_COMMANDS`,
`schema: tock.toml`), that the commands before it print it (`printed`), which test runs it (`run by: tests/…`), or why
nothing does (`not run: …`). `each shell: …` at the top of a page says so of all blocks of a language that have no
comment of their own. A comment of several lines is a block that readers do not see: its first line is `shell:` or
`file: …`, the others are the block.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PROJECT = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "infra/README.md")
#: Every page by its path in the repository. What examples say is done by `tests/examples`.
PAGES = (*_PROJECT, *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md")))
#: A comment, or a fence with its language and what it encloses.
_PARTS = re.compile(
    r"^<!--\s*(?P<comment>.*?)\s*-->|^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_HOW = re.compile(r"(?P<how>file|schema|not run|run by): (?P<what>.+)")
_EACH = re.compile(r"each (?P<language>\w+): (?P<how>.+)")


@dataclass(frozen=True)
class Block:
    """A fenced block, or a hidden one."""

    page: str
    line: int
    language: str
    text: str
    #: `file`, `schema`, `printed`, `not run`, `run by`, or empty if the language says how the block is tested.
    how: str = ""
    #: The file, the schema, the reason or the test.
    what: str = ""

    def __str__(self) -> str:
        """Return where the block is."""
        return f"{self.page}:{self.line}"


@cache
def blocks_of(page: str) -> tuple[Block, ...]:
    """Return the blocks of a page in their order, the hidden ones included."""
    return tuple(_read(page, (ROOT / page).read_text(encoding="utf-8")))


def codes(page: str, language: str) -> list[str]:
    """Return the texts of the blocks of this language that readers see, in their order."""
    return [block.text for block in blocks_of(page) if block.language == language]


def _read(page: str, text: str) -> Iterator[Block]:
    each: dict[str, tuple[str, str]] = {}
    last, said = 0, ("", "")
    for part in _PARTS.finditer(text):
        line = text.count("\n", 0, part.start()) + 1
        if text[last : part.start()].strip():
            said = ("", "")
        last = part.end()
        if part["comment"] is None:
            how, what = said if said[0] else each.get(part["language"], ("", ""))
            yield Block(page, line, part["language"], part["text"], how, what)
            said = ("", "")
        elif "\n" in part["comment"]:
            first, _, hidden = part["comment"].partition("\n")
            yield Block(page, line, "hidden", f"{hidden}\n", *_how(first.removesuffix(":"), at=f"{page}:{line}"))
        elif found := _EACH.fullmatch(part["comment"]):
            each[found["language"]] = _how(found["how"], at=f"{page}:{line}")
        else:
            said = _how(part["comment"], at=f"{page}:{line}")


def _how(text: str, *, at: str) -> tuple[str, str]:
    if text in {"shell", "printed"}:
        return text, ""
    found = _HOW.fullmatch(text)
    assert found is not None, (
        f"{at}: {text!r} is none of `file: …`, `schema: …`, `run by: …`, `not run: …`, `printed`, `shell`"
    )
    return found["how"], found["what"]
