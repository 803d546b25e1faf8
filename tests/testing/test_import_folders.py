"""A stack of a test imports what the test imports, wherever that lies."""

import importlib.util
import sys
from pathlib import Path

import pytest

from tock.local.errors import ModulesNotImportable
from tock.local.stack.agent_modules import require_importable
from tock.local.stack.function_environment import process_environment
from tock.testing.import_folders import folders_of

pytestmark = pytest.mark.anyio


async def test_a_module_that_imports_from_another_folder_of_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, library = tmp_path / "src", tmp_path / "lib"
    for folder in (sources, library):
        folder.mkdir()
        monkeypatch.syspath_prepend(folder)
    (sources / "shop_agents.py").write_text("import shop_words\n")
    (library / "shop_words.py").write_text("")

    folders = folders_of([importlib.import_module("shop_agents")])
    for name in ("shop_agents", "shop_words"):
        del sys.modules[name]

    assert folders[:2] == (library, sources)
    assert [folder for folder in folders if "site-packages" in folder.parts] == []
    await require_importable(["shop_agents"], folders=folders, environment=process_environment(folders))
    with pytest.raises(ModulesNotImportable, match="shop_words"):
        await require_importable(["shop_agents"], folders=[sources], environment=process_environment([sources]))


def test_a_module_that_is_not_on_the_path_brings_its_folder(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    file = tmp_path / "shop" / "agents.py"
    file.write_text("")
    specification = importlib.util.spec_from_file_location("shop.agents", file)
    assert specification is not None

    assert folders_of([importlib.util.module_from_spec(specification)])[-1] == tmp_path
