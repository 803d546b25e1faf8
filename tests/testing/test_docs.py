"""What docs/guides/testing.md shows works as it says."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from documentation.pages import codes
from tock.definitions.registry import forget

PAGE = "docs/guides/testing.md"
EXAMPLES = [
    # A stack takes some seconds to start.
    pytest.param(code, marks=[pytest.mark.slow] if "testing.stack(" in code else [])
    for code in codes(PAGE, "python")
    if "tock.testing" in code and "def test_" in code
]


def test_the_page_has_its_four_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.fixture
def _acme(tmp_path: Path, firestore_emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have `acme.agents` as docs/guides/definitions.md writes it, and one Firestore emulator for all tests."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "agents.py").write_text(codes("docs/guides/definitions.md", "python")[0])
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator)
    _forget_acme()
    yield
    _forget_acme()


def _forget_acme() -> None:
    forget("acme")
    for name in ("acme", "acme.agents"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("_acme")
@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: re.findall(r"def (test_\w+)", code)[0])
def test_the_examples_pass(code: str) -> None:
    names: dict[str, Any] = {"__name__": "docs_testing"}

    exec(code, names)  # noqa: S102 - the page's own code

    [name] = [name for name in names if name.startswith("test_")]
    names[name]()
