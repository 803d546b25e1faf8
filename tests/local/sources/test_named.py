"""What `tock dev` is given: modules and files."""

from pathlib import Path

import pytest

from tock.local.sources.named import Sources
from tock.manifest.problem import DefinitionsRefused

FILE = """
agents:
  - {id: digest, kind: python, config: {callable: "acme.work:digest"}}
  - {id: hook, kind: http, config: {url: "https://agents.example/"}}
"""


def test_agents_may_name_the_modules_those_below_them_and_those_of_the_files(tmp_path: Path) -> None:
    file = tmp_path / "tock.yaml"
    file.write_text(FILE)

    sources = Sources.named(["acme.agents", str(file), "acme.agents"], here=tmp_path)

    assert (sources.modules, sources.files) == (("acme.agents",), (file,))
    assert sources.allowed == ("acme.agents", "acme.agents.*", "acme.work")


def test_modules_are_looked_for_here_and_in_src(tmp_path: Path) -> None:
    assert Sources.named([], here=tmp_path).folders == (tmp_path,)
    (tmp_path / "src").mkdir()

    sources = Sources.named(["acme.agents"], here=tmp_path)

    assert sources.folders == (tmp_path, tmp_path / "src")
    assert {tmp_path / "acme", tmp_path / "src" / "acme" / "agents"} < set(sources.places)


@pytest.mark.parametrize("name", ["acme/agents.py", "acme/agents", "agents.py", "tock.toml/x"])
def test_the_path_of_a_module_is_refused_with_what_to_write(name: str, tmp_path: Path) -> None:
    with pytest.raises(DefinitionsRefused) as raised:
        Sources.named([name], here=tmp_path)

    [problem] = raised.value.problems
    assert problem.sentence.startswith(f"{name}: name a module as Python imports it, such as acme.agents")
