"""What a page says is done: its commands are entered in their order, its files written, and its programs run."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from documentation.pages import PAGES, Block, blocks_of
from examples.reader import LASTING, Reader, reader_in
from waiting import result_of

_ELSEWHERE = frozenset({"not run", "run by"})
#: What is another one each time: instants, times of day, ports, and how the ids of runs begin.
_OTHER = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)|\b\d\d:\d\d:\d\d\b|:8625\b|\b[0-9a-f]{8}\b")


def _is_done(block: Block) -> bool:
    return block.how not in _ELSEWHERE and (block.language in {"shell", "python"} or block.how in {"shell", "file"})


STORIES = [page for page in PAGES if any(_is_done(block) for block in blocks_of(page))]


def _together(pages: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the pages one by one, and together those that need a stack without anything: they share it."""
    bare = tuple(page for page in pages if _needs_a_bare_stack(page))
    return [(page,) for page in pages if page not in bare] + [bare]


def _needs_a_bare_stack(page: str) -> bool:
    lines = [line for block in blocks_of(page) if _is_done(block) for line in block.text.splitlines()]
    sets = any(line.startswith("export ") for line in lines)
    return not sets and [line for line in lines if LASTING.search(line)] == ["tock dev"]


@pytest.mark.slow
@pytest.mark.parametrize("pages", _together(STORIES), ids=", ".join)
def test_a_page_does_what_it_says(pages: Sequence[str], firestore_emulator: str, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "README.md").write_text("A folder of the reader's.\n")

    with reader_in(folder, firestore=firestore_emulator) as reader:
        for block in (block for page in pages for block in blocks_of(page)):
            if _is_done(block):
                _do(block, reader)
            elif block.how == "printed":
                _require_printed(block, reader)


def _do(block: Block, reader: Reader) -> None:
    if block.how == "file":
        file = reader.folder / block.what
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(reader._own(block.text), encoding="utf-8")
    elif block.language == "python":
        program = f"program_{block.line}.py"
        (reader.folder / program).write_text(reader._own(block.text), encoding="utf-8")
        reader.enter(f"python {program}")
    else:
        reader.enter(block.text)


def _require_printed(block: Block, reader: Reader) -> None:
    """Require that each line is printed; `…` stands for any text, and an instant, a time or an id for any other.

    What goes on, such as `tock dev`, may print it a little later.
    """
    for line in block.text.splitlines():
        parts = _OTHER.sub("…", line).split("…")
        pattern = re.compile(".*".join(re.escape(part.strip()) for part in parts))
        try:
            result_of(partial(_is_printed, pattern, reader))
        except TimeoutError as exc:
            raise AssertionError(f"{block}: nothing printed {line!r}:\n{reader.screens}") from exc


def _is_printed(pattern: re.Pattern[str], reader: Reader) -> bool:
    return pattern.search(reader.screens) is not None
