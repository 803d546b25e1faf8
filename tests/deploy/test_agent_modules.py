"""The modules that `tock deploy` and `tock archive` are given."""

from pathlib import Path

import pytest

from tock.deploy.agent_modules import allowed, paths_of
from tock.deploy.errors import ModuleUnknown


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in ("acme/agents.py", "acme/more/deep.py", "single.py", "src/shop/__init__.py", "src/acme/agents.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("raise RuntimeError('nothing is imported')\n")
    return tmp_path


@pytest.mark.parametrize(
    ("module", "path"),
    [
        ("acme.agents", "acme"),
        ("acme", "acme"),
        ("acme.more", "acme"),
        ("acme.more.deep", "acme"),
        ("single", "single.py"),
        ("shop", "src/shop"),
    ],
)
def test_a_module_is_found_with_its_whole_package(here: Path, module: str, path: str) -> None:
    assert paths_of([module], here=here) == (here / path,)


def test_a_package_of_several_modules_is_found_once(here: Path) -> None:
    assert paths_of(["acme.agents", "single", "acme.more"], here=here) == (here / "acme", here / "single.py")


@pytest.mark.parametrize("module", ["acme.agent", "agents", "", "acme/agents.py"])
def test_a_module_that_is_not_there_is_a_sentence(here: Path, module: str) -> None:
    with pytest.raises(ModuleUnknown) as raised:
        paths_of([module], here=here)

    assert str(raised.value) == f"There is no module {module} in {here} or {here}/src."
    assert any("--include" in remedy for remedy in raised.value.remedies)


def test_agents_may_name_the_modules_and_those_below_them() -> None:
    assert allowed(["acme.agents", "shop", "shop"]) == ("acme.agents", "acme.agents.*", "shop", "shop.*")
