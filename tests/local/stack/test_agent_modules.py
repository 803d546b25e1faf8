"""Modules that agents may name are imported before anything starts; each that fails is named with why."""

import os
import sys
from pathlib import Path

import pytest

from tock.local.errors import ModulesNotImportable
from tock.local.stack.agent_modules import require_importable

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A person's folder with a package of agents, some of them broken."""
    (tmp_path / "acme").mkdir()
    files = {
        "agents.py": "async def hello(run):\n    return 1\n",
        "needs.py": "import surely_not_installed\n",
        "typo.py": "def hello(:\n    pass\n",
        "raises.py": "VALUE = 1 / 0\n",
        "leaves.py": "raise SystemExit('bye')\n",
        "chatty.py": "print('{\"module\"')\n",
    }
    for name, text in files.items():
        (tmp_path / "acme" / name).write_text(text)
    return tmp_path


async def _check(folder: Path, *allowed: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    await require_importable(allowed, folders=[folder], environment=environment)


async def test_modules_that_can_be_imported_pass(folder: Path) -> None:
    await _check(folder)
    await _check(folder, "acme.agents", "acme.*", "json")


ABSENT = "there is no such module in {folder} or on PYTHONPATH; check the spelling:"
UNINSTALLED = "No module named 'surely_not_installed' ({folder}/acme/needs.py, line 1); install it in this environment:"


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("acme.agnets", f"{ABSENT} did you mean acme.agents?"),
        ("nowhere", f"{ABSENT} start `tock dev` in the folder that contains it"),
        ("nowhere.agents", f"{ABSENT} "),
        ("acme.needs", f"ModuleNotFoundError: {UNINSTALLED} {sys.prefix}"),
        ("acme.typo", "SyntaxError: invalid syntax ({folder}/acme/typo.py, line 1)"),
        ("acme.raises", "ZeroDivisionError: division by zero ({folder}/acme/raises.py, line 1)"),
        ("acme.leaves", "SystemExit: bye ({folder}/acme/leaves.py, line 1)"),
    ],
)
async def test_a_module_that_cannot_be_imported_is_named_with_the_reason(
    folder: Path, module: str, reason: str
) -> None:
    with pytest.raises(ModulesNotImportable) as raised:
        await _check(folder, "acme.agents", module)

    assert f"  - {module}: {reason}".format(folder=folder) in str(raised.value)
    assert str(raised.value).count("\n  - ") == 1


async def test_every_module_that_fails_is_named_at_once(folder: Path) -> None:
    with pytest.raises(ModulesNotImportable) as raised:
        await _check(folder, "acme.typo", "acme.agents", "acme.raises")

    assert [line.split(":")[0] for line in str(raised.value).splitlines()[1:]] == ["  - acme.typo", "  - acme.raises"]


async def test_what_a_module_prints_is_no_finding(folder: Path) -> None:
    await _check(folder, "acme.chatty")
