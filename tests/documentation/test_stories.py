"""What a page says is done: its commands are entered in their order, its files written, and its programs run."""

import re
from pathlib import Path

import pytest

from documentation.pages import PAGES, Block, blocks_of
from examples.reader import Reader, reader_in

_ELSEWHERE = frozenset({"not run", "run by"})
#: What is another one each time: instants.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")


def _is_done(block: Block) -> bool:
    return block.how not in _ELSEWHERE and (block.language in {"shell", "python"} or block.how in {"shell", "file"})


STORIES = [page for page in PAGES if any(_is_done(block) for block in blocks_of(page))]


@pytest.mark.slow
@pytest.mark.parametrize("page", STORIES)
def test_a_page_does_what_it_says(page: str, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "README.md").write_text("A folder of the reader's.\n")

    with reader_in(folder) as reader:
        for block in blocks_of(page):
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
    """Require that each line was printed; `…` stands for any text, and an instant for any instant."""
    for line in block.text.splitlines():
        parts = _INSTANT.sub("…", line).split("…")
        pattern = ".*".join(re.escape(part.strip()) for part in parts)
        assert re.search(pattern, reader.output), f"{block}: nothing printed {line!r}:\n{reader.output}"
