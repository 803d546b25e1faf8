"""Definitions are read by a process of their own, each time anew."""

from contextlib import aclosing
from pathlib import Path

import anyio
import pytest

from tock.local.sources import edits
from tock.local.sources.edits import edit
from tock.local.sources.named import Sources
from tock.local.sources.reading import Found, read

pytestmark = pytest.mark.anyio

AGENTS = """
import tock
from shop.words import text

print("hello from the module")

@tock.agent(description=text)
async def digest(run: tock.RunContext) -> None: ...

tock.trigger("often", digest, tock.every("15m"))
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "agents.py").write_text(AGENTS)
    (tmp_path / "shop" / "words.py").write_text("text = 'old'\n")
    return tmp_path


async def _read(*names: str, here: Path, heard: list[tuple[str, str]] | None = None) -> Found:
    said = [] if heard is None else heard
    return await read(Sources.named(names, here=here), log=lambda *line: said.append(line))


async def test_what_they_define_and_the_files_it_came_from_are_found(folder: Path) -> None:
    file = folder / "tock.yaml"
    file.write_text("triggers: [{id: daily, agent: digest, schedule: {cron: 0 9 * * *}}]")
    heard: list[tuple[str, str]] = []

    found = await _read("shop.agents", str(file), here=folder, heard=heard)

    assert found.problems == ()
    assert [(entry.kind, entry.id) for entry in found.entries] == [
        ("agent", "digest"),
        ("trigger", "often"),
        ("trigger", "daily"),
    ]
    assert found.entries[0].fields["description"] == "old"
    assert found.entries[1].place == f"{folder}/shop/agents.py:10"
    assert set(found.files) == {"shop.agents", "shop.words", str(file)}
    assert found.edited() == ()
    assert ("modules", "hello from the module") in heard


async def test_an_edit_is_noticed_also_of_what_a_module_imports(folder: Path) -> None:
    sources = Sources.named(["shop.agents"], here=folder)
    before = await _read("shop.agents", here=folder)

    (folder / "shop" / "words.py").write_text("text = 'new'\n")
    edited = await edit(before, sources=sources)
    after = await _read("shop.agents", here=folder)

    assert edited == ("shop.words",)
    assert after.entries[0].fields["description"] == "new"


async def test_a_module_that_cannot_be_imported_is_its_traceback_without_tocks_own_frames(folder: Path) -> None:
    (folder / "shop" / "words.py").write_text("def text(): return 1 / 0\n\ntext = text()\n")

    found = await _read("shop.agents", here=folder)

    [problem] = found.problems
    lines = problem.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert f'  File "{folder}/shop/words.py", line 1, in text' in lines
    assert "importlib" not in problem
    assert "/tock/" not in problem.replace(str(folder), "")
    assert set(found.files) == {"shop.agents", "shop.words"}


async def test_mistakes_in_definitions_are_sentences(folder: Path) -> None:
    (folder / "shop" / "agents.py").write_text(AGENTS.replace('"15m"', '"15 miles"'))

    found = await _read("shop.agents", here=folder)

    [problem] = found.problems
    assert problem.startswith(f"{folder}/shop/agents.py:10: trigger often: schedule.every '15 miles': ")


async def test_a_module_without_definitions_is_no_mistake(folder: Path) -> None:
    found = await _read("shop.words", here=folder)

    assert (found.entries, found.problems) == ((), ())


async def test_a_module_that_ends_python_is_said_and_its_files_are_still_watched(folder: Path) -> None:
    before = await _read("shop.agents", here=folder)
    (folder / "shop" / "words.py").write_text("import os, sys\nsys.stderr.write('bye\\n')\nos._exit(7)\n")

    found = (await _read("shop.agents", here=folder)).after(before)

    assert found.problems == ("shop.agents: the import ended Python with status 7: bye",)
    assert found.edited() == ("shop.words",)


async def test_a_file_that_was_missing_mends_a_module(folder: Path) -> None:
    (folder / "shop" / "words.py").unlink()
    broken = await _read("shop.agents", here=folder)

    assert "No module named 'shop.words'" in broken.problems[0]
    assert broken.edited() == ()

    async with anyio.create_task_group() as tasks:

        async def write() -> None:
            # The folder is watched from some moment on, which nothing tells.
            while True:
                (folder / "shop" / "words.py").write_text("text = 'new'\n")
                await anyio.sleep(0.2)

        tasks.start_soon(write)
        edited = await edit(broken, sources=Sources.named(["shop.agents"], here=folder))
        tasks.cancel_scope.cancel()

    assert edited == ()
    assert (await _read("shop.agents", here=folder)).problems == ()


async def test_folders_that_cannot_be_watched_are_looked_at(tmp_path: Path) -> None:
    looks = []

    async with aclosing(edits._changes([tmp_path / "absent"])) as changes:
        async for changed in changes:
            looks.append(changed)
            if len(looks) == 2:
                break

    assert looks == [frozenset(), frozenset()]
