"""Modules and files become resources, or every mistake in them is named at once, with its place and a remedy."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tock.core.agent.agent import AgentSpec
from tock.core.trigger.trigger import TriggerSpec
from tock.definitions.registry import forget
from tock.manifest.problem import DefinitionsRefused
from tock.manifest.read import read_definitions
from tock.manifest.written import Kind

Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a file in a folder that modules are imported from, and return its path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    known = set(sys.modules)

    def writing(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    yield writing
    for module in set(sys.modules) - known:
        if str(getattr(sys.modules[module], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[module]
            forget(module)


MODULE = """
from dataclasses import dataclass
import tock

@dataclass
class Repository:
    repo: str

@dataclass
class Digest:
    text: str

@tock.agent(timeout="9m", description="Digests a repository.")
async def digest(run: tock.RunContext) -> Digest: ...

hook = tock.agent("hook", kind="http", config={"url": "https://agents.example/run"})

tock.trigger("morning", digest, tock.cron("0 9 * * 1-5", "Europe/Berlin"), message="Digest of {{payload.repo}}",
             payload=Repository("acme/shop"), catch_up="all")
tock.trigger("often", hook, tock.every("15m"), labels={"team": "shop"})
tock.trigger("once", "hook", tock.at("2027-01-01T09:00", "Europe/Berlin"))
"""
FILE = """
agents:
  - id: digest
    kind: python
    config: {callable: acme_read.agents:digest}
    description: Digests a repository.
    evidence:
      output_schema: {title: Digest, type: object, properties: {text: {title: Text, type: string}}, required: [text]}
  - {id: hook, kind: http, config: {url: https://agents.example/run}}
triggers:
  - id: morning
    agent: digest
    schedule: {cron: 0 9 * * 1-5, time_zone: Europe/Berlin}
    input: {message: "Digest of {{payload.repo}}", payload: {repo: acme/shop}}
    catch_up: {mode: all}
    timeout: 9m
  - {id: often, agent: hook, schedule: {every: 15m}, labels: {team: shop}}
  - {id: once, agent: hook, schedule: {at: 2027-01-01T08:00:00Z}}
"""


def test_a_module_and_a_file_define_the_same(write: Write) -> None:
    write("acme_read/agents.py", MODULE)
    file = write("tock.yaml", FILE)

    from_code, from_file = read_definitions(["acme_read.agents"]), read_definitions([file])

    assert [(entry.kind, entry.id, entry.spec) for entry in from_code] == [
        (entry.kind, entry.id, entry.spec) for entry in from_file
    ]
    assert [entry.kind for entry in from_code] == [Kind.AGENT] * 2 + [Kind.TRIGGER] * 3
    assert isinstance(from_code[0].spec, AgentSpec)
    assert isinstance(from_code[2].spec, TriggerSpec)
    assert from_code[0].place.endswith("agents.py:13")
    assert from_file[0].place == f"{file}:3"


def test_a_package_brings_the_modules_below_it_that_it_imports(write: Write) -> None:
    write("acme_whole/__init__.py", "from acme_whole import agents")
    write("acme_whole/agents.py", "import tock\n@tock.agent\ndef digest(run): ...\n")

    [entry] = read_definitions(["acme_whole"])

    assert (entry.id, entry.fields["config"]) == ("digest", {"callable": "acme_whole.agents:digest"})


def problems(*sources: str) -> list[str]:
    with pytest.raises(DefinitionsRefused) as refused:
        read_definitions(sources)
    return [problem.sentence for problem in refused.value.problems]


def test_every_mistake_of_a_file_is_named_with_its_line(write: Write) -> None:
    file = write(
        "tock.yaml",
        """
agents:
  - id: digest
    kind: python
    confg: {}
  - kind: http
    config: {}
triggers:
  - id: morning
    agent: digest
    schedule:
      cron: 0 9 * *
      time_zone: Europe/Berln
    timeout: 2h
    retry:
      max_retries: 99
""",
    )

    assert problems(file) == [
        f"{file}:5: agent digest: confg '{{}}': is not known here: did you mean config?",
        f"{file}:6: agent None: id: is required: add it, so that it stays the same",
        (
            f"{file}:12: trigger morning: schedule.cron '0 9 * *': cron '0 9 * *' has 4 fields; it takes 5 (minute, "
            "hour, day of month, month, day of week), or 6 with second as the last"
        ),
        (
            f"{file}:13: trigger morning: schedule.time_zone 'Europe/Berln': time_zone 'Europe/Berln' is not known: "
            "did you mean 'Europe/Berlin'?"
        ),
        f"{file}:16: trigger morning: retry.max_retries 99: must be at most 10",
        f"{file}:14: trigger morning: timeout '2h': PT2H is out of range: from PT1S to PT29M",
    ]


def test_every_mistake_of_a_module_is_named_with_its_line(write: Write) -> None:
    write(
        "acme_wrong.py",
        """
import tock
@tock.agent(concurrency=0)
def digest(run): ...
def other(run): ...
tock.trigger("a", other, tock.every("15m"))
tock.trigger("b", digest, "0 9 * * *", payload={"when": object})
tock.trigger("c", digest, tock.at("2027-03-28T02:30", "Europe/Berlin"))
def outer():
    @tock.agent
    def inner(run): ...
outer()
""",
    )

    found = problems("acme_wrong")

    assert [sentence.partition(": ")[0].rpartition("/")[2] for sentence in found] == [
        "acme_wrong.py:6",
        "acme_wrong.py:7",
        "acme_wrong.py:7",
        "acme_wrong.py:8",
        "acme_wrong.py:10",
    ]
    assert "is no agent: decorate it with @tock.agent" in found[0]
    assert "trigger b: input.payload.when: is of type type" in found[1]
    assert "write tock.cron(…), tock.every(…) or tock.at(…)" in found[2]
    assert "does not exist in Europe/Berlin" in found[3]
    assert "define it at the module's top level" in found[4]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.yaml", "", "holds nothing: write a list of agents or triggers"),
        ("a.yaml", "- id: x", "is no object: write the lists as members agents and triggers"),
        ("a.yaml", "agent: []", "is not known here: a file has the lists agents and triggers"),
        ("a.yaml", "agents: {}", "must be a list"),
        ("a.yaml", "agents: [x]", "must be an object with the fields of agents"),
        ("a.json", '{"agents": [}', "is not JSON"),
        ("a.yaml", "agents:\n  - id: a\n    id: b", "has 'id' twice in one object"),
    ],
)
def test_a_file_that_holds_no_definitions_is_refused(write: Write, name: str, text: str, problem: str) -> None:
    [sentence] = problems(write(name, text))

    assert problem in sentence


def test_a_source_that_cannot_be_read_is_refused(write: Write, tmp_path: Path) -> None:
    write("acme_raises.py", "1 / 0")
    write("acme_empty.py", "")
    write("acme_lacks.py", "import no_such_library")

    found = problems(
        "acme_raises",
        "acme_empty",
        "acme_lacks",
        "no_such_package.agents",
        str(tmp_path / "absent.yaml"),
        "acme/agents.py",
    )

    assert len(found) == 6
    assert (
        "acme_raises.py:1: the module acme_raises cannot be imported: ZeroDivisionError: division by zero" in found[0]
    )
    assert "acme_empty: defines no agent and no trigger: decorate a function with @tock.agent" in found[1]
    assert "acme_lacks cannot be imported: ModuleNotFoundError: No module named 'no_such_library'" in found[2]
    assert "no_such_package.agents: there is no such module" in found[3]
    assert "cannot be read: No such file or directory" in found[4]
    assert "name a module as Python imports it, such as acme.agents, or a file that ends in .yaml" in found[5]


def test_an_id_that_is_defined_twice_is_refused_with_both_places(write: Write) -> None:
    one = write("one.yaml", "agents: [{id: a, kind: http}]")
    two = write("two.yaml", "\nagents: [{id: a, kind: http}]")

    assert problems(one, two) == [
        f"{two}:2: agent a: id 'a': is defined at {one}:1 already: give one of them another id"
    ]


def test_a_secret_is_not_shown(write: Write) -> None:
    file = write("a.yaml", "agents: [{id: a, kind: http, api_key: hunter2}]")

    [sentence] = problems(file)

    assert "hunter2" not in sentence
