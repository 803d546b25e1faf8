"""On the local stack, the next run executes what was edited; a run that is under way keeps its code."""

import asyncio
import importlib
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from executors.recorder import Recorder
from tock.core.run.outcome import Failed, Succeeded
from tock.definitions import registry
from tock.executors.python.edited_modules import EditedModules, is_installed
from tock.executors.python.executor import PythonExecutor
from tock.ports.executor import RunContext
from tock.ports.host import Message
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio

#: The ways to run an agent: the word that begins its function, and its configuration.
WAYS = [("async def", {}), ("async def", {"isolation": "process"}), ("def", {})]
IDS = ["async", "isolated", "plain"]
_NUMBERS = count(1)


class Shop:
    """A folder with modules, and an executor that imports from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._executor = PythonExecutor(modules=["shop.*"], source_folders=[folder])

    def write(self, module: str, text: str) -> None:
        file = self.folder.joinpath(*module.split(".")).with_suffix(".py")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        # Bytecode cannot tell edits of one second apart, if the size is the same too.
        whole = file.stat().st_mtime_ns // 10**9 * 10**9
        os.utime(file, ns=(whole, whole + next(_NUMBERS)))
        self._hide_change(file.parent)

    def delete(self, module: str) -> None:
        file = self.folder.joinpath(*module.split(".")).with_suffix(".py")
        file.unlink()
        self._hide_change(file.parent)

    @staticmethod
    def _hide_change(folder: Path) -> None:
        """A folder's time does not tell of each new file everywhere."""
        os.utime(folder, ns=(10**18, 10**18))

    async def run(self, context: RunContext, function: str = "agent", **config: Any) -> Any:
        async with asyncio.timeout(TIMEOUT):
            return await self._executor.execute({"callable": f"shop.agents:{function}", **config}, context)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    hooks = list(sys.path_hooks)
    monkeypatch.syspath_prepend(tmp_path)
    # What `python` would leave beside the modules must mislead nobody.
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    yield Shop(tmp_path)
    sys.path_hooks[:] = hooks
    sys.path_importer_cache.clear()
    for name in [name for name in sys.modules if name == "shop" or name.startswith("shop.")]:
        del sys.modules[name]


@pytest.mark.parametrize(("begins", "config"), WAYS, ids=IDS)
async def test_the_next_run_executes_what_was_edited(
    shop: Shop, context: RunContext, begins: str, config: dict[str, str]
) -> None:
    shop.write("shop.agents", f"{begins} agent(run):\n    return 1\n")
    before = await shop.run(context, **config)

    shop.write("shop.agents", f"{begins} agent(run):\n    return 2\n")

    assert before == Succeeded(1)
    assert await shop.run(context, **config) == Succeeded(2)


@pytest.mark.parametrize("package", ["", "# a package\n"], ids=["namespace", "package"])
@pytest.mark.parametrize(
    ("begins", "config"), [WAYS[0], *(pytest.param(*way, marks=pytest.mark.slow) for way in WAYS[1:])], ids=IDS
)
async def test_an_edit_of_a_helper_is_executed_too(
    shop: Shop, context: RunContext, begins: str, config: dict[str, str], package: str
) -> None:
    if package:
        shop.write("shop.__init__", package)
    imports = "from shop import words\nfrom shop.more import number\n"
    shop.write("shop.more", "number = 1\n")
    shop.write("shop.words", "from shop.more import number\ntext = f'word {number}'\n")
    shop.write("shop.agents", f"{imports}{begins} agent(run):\n    return [words.text, number]\n")
    before = await shop.run(context, **config)

    shop.write("shop.more", "number = 2\n")

    assert before == Succeeded(["word 1", 1])
    assert await shop.run(context, **config) == Succeeded(["word 2", 2])


async def test_what_was_not_edited_is_not_imported_again(shop: Shop, context: RunContext) -> None:
    shop.write("shop.agents", "calls = []\nasync def agent(run):\n    calls.append(1)\n    return len(calls)\n")

    assert [await shop.run(context), await shop.run(context)] == [Succeeded(1), Succeeded(2)]


async def test_a_run_that_is_under_way_ends_with_the_code_that_it_began_with(
    shop: Shop, context: RunContext, recorder: Recorder
) -> None:
    steps = "run.emit('begun', 1)", "await run.messages()", "return words.text + ' code'"
    slow = "\n    ".join(("async def agent(run):", *steps))
    shop.write("shop.words", "text = 'old'\n")
    shop.write("shop.agents", f"from shop import words\n{slow}\n")
    under_way = asyncio.create_task(shop.run(context))
    await until(lambda: recorder.events)

    shop.write("shop.words", "text = 'new'\n")
    shop.write("shop.agents", "from shop import words\nasync def agent(run):\n    return words.text\n")
    after = await shop.run(context)
    recorder.signals.put_nowait(Message(1, "steer", "go on", "ada", datetime(2027, 3, 28, tzinfo=UTC)))

    assert after == Succeeded("new")
    assert await under_way == Succeeded("old code")


async def test_an_agent_may_become_plain_and_get_another_name(shop: Shop, context: RunContext) -> None:
    shop.write("shop.agents", "async def agent(run):\n    return 'async'\n")
    before = await shop.run(context)

    shop.write("shop.agents", "import os\nhere = os.getpid()\ndef other(run):\n    return here\n")
    gone, other = await shop.run(context), await shop.run(context, "other")

    assert before == Succeeded("async")
    assert isinstance(gone, Failed)
    assert "the module shop.agents does not provide agent" in gone.message
    assert other != Succeeded(os.getpid())


async def test_a_mistake_fails_the_run_with_its_sentence_until_it_is_mended(shop: Shop, context: RunContext) -> None:
    shop.write("shop.words", "text = 'here'\n")
    shop.write("shop.agents", "from shop.words import text\nasync def agent(run):\n    return text\n")
    before = await shop.run(context)

    shop.write("shop.words", "text = \n")
    broken = await shop.run(context)
    shop.delete("shop.words")
    gone = await shop.run(context)
    shop.write("shop.words", "text = 'there'\n")

    assert before == Succeeded("here")
    assert (broken.type, "SyntaxError: invalid syntax" in broken.message) == ("invalid_config", True)
    assert "No module named 'shop.words'" in gone.message
    assert await shop.run(context) == Succeeded("there")


@pytest.mark.parametrize(("begins", "config"), WAYS, ids=IDS)
async def test_a_run_that_meets_a_save_waits_for_its_end(
    shop: Shop, context: RunContext, begins: str, config: dict[str, str]
) -> None:
    whole = f"{begins} agent(run):\n    return 'whole'\n"
    half = f"import pathlib\npathlib.Path(__file__).write_text({whole!r})\n"

    shop.write("shop.agents", half)

    assert await shop.run(context, **config) == Succeeded("whole")


async def test_the_process_of_a_run_that_meets_a_save_waits_for_its_end(shop: Shop, context: RunContext) -> None:
    whole = "def agent(run):\n    return 'whole'\n"
    saves = f"pathlib.Path(__file__).write_text({whole!r})"
    half = f"import os, pathlib\nif os.getpid() != {os.getpid()}:\n    {saves}\n    1 / 0\n{whole}"

    shop.write("shop.agents", half.replace("'whole'\n", "'half'\n"))

    assert await shop.run(context) == Succeeded("whole")


async def test_threads_may_import_while_modules_are_looked_at(shop: Shop, context: RunContext) -> None:
    names = [f"shop.many{number}" for number in range(300)]
    for name in ("shop.agents", *names):
        shop.write(name, "async def agent(run):\n    return 1\n")
    importing = asyncio.create_task(asyncio.to_thread(lambda: [importlib.import_module(name) for name in names]))

    while not importing.done():
        assert await shop.run(context) == Succeeded(1)
    await importing


async def test_a_module_that_a_thread_is_importing_is_forgotten_the_next_time(
    shop: Shop, context: RunContext, tmp_path: Path
) -> None:
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    shop.write("shop.__init__", "")
    shop.write("shop.agents", "async def agent(run):\n    return 'old'\n")
    shop.write(
        "shop.slow",
        f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\n"
        f"while not pathlib.Path({str(go_on)!r}).exists():\n    time.sleep(0.01)\nnumber = 1\n",
    )
    before = await shop.run(context)
    importing = asyncio.create_task(asyncio.to_thread(importlib.import_module, "shop.slow"))
    await until(begun.exists)

    shop.write("shop.agents", "async def agent(run):\n    return 'new'\n")
    after = await shop.run(context)
    go_on.touch()

    assert (before, after) == (Succeeded("old"), Succeeded("new"))
    assert (await importing).number == 1
    shop.write("shop.slow", "number = 2\n")
    shop.write("shop.agents", "from shop.slow import number\nasync def agent(run):\n    return number\n")
    assert await shop.run(context) == Succeeded(2)


async def test_a_module_that_is_new_is_found(shop: Shop, context: RunContext) -> None:
    shop.write("shop.agents", "async def agent(run):\n    return 1\n")
    await shop.run(context)

    shop.write("shop.new", "number = 2\n")
    shop.write("shop.agents", "from shop.new import number\nasync def agent(run):\n    return number\n")

    assert await shop.run(context) == Succeeded(2)


async def test_definitions_in_a_module_are_kept_once(shop: Shop, context: RunContext) -> None:
    text = "import tock\n@tock.agent(concurrency={})\nasync def agent(run):\n    return 1\n"
    for number in (1, 2, 3):
        shop.write("shop.agents", text.format(number))
        await shop.run(context)

    [found] = registry.defined_in("shop")
    assert found.fields["concurrency"] == 3


async def test_installed_packages_and_tock_itself_are_imported_as_always(
    shop: Shop, context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = shop.folder / ".venv" / "lib" / "site-packages"
    installed.mkdir(parents=True)
    monkeypatch.syspath_prepend(installed)
    (installed / "shop_library.py").write_text("value = 1\n")
    shop.write("shop.agents", "import shop_library\nasync def agent(run):\n    return shop_library.value\n")
    before = await shop.run(context)

    (installed / "shop_library.py").write_text("value = 2\n")
    shop.write("shop.agents", "import shop_library\nasync def agent(run):\n    return [shop_library.value]\n")

    assert [before, await shop.run(context)] == [Succeeded(1), Succeeded([1])]
    assert (installed / "__pycache__").is_dir()
    assert not (shop.folder / "shop" / "__pycache__").exists()
    del sys.modules["shop_library"]


@pytest.mark.usefixtures("shop")
async def test_pythons_own_library_is_imported_as_always_in_a_folder_that_holds_it() -> None:
    library = Path(os.__file__).parent
    edited = EditedModules([library.parent])
    sys.modules.pop("colorsys", None)

    importlib.import_module("colorsys")

    assert edited.files == {}


@pytest.mark.parametrize(
    ("path", "sources", "installed"),
    [
        (Path(os.__file__).parent / "email", [Path("/")], True),
        (Path(sys.base_prefix).resolve() / "share" / "tools", [Path("/")], True),
        (Path(sys.prefix).resolve() / "app", [Path(sys.prefix).resolve() / "app"], False),
        (Path("/srv/.venv/lib/python3.13/site-packages/rich"), [Path("/srv")], True),
        (Path("/srv/acme"), [Path("/srv")], False),
    ],
    ids=["library", "beside it", "a project there", "packages", "a project"],
)
def test_what_is_installed(path: Path, sources: list[Path], *, installed: bool) -> None:
    assert is_installed(path.resolve(), sources=sources) == installed
