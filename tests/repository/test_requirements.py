"""The pinned requirements: complete, with hashes, and without index addresses."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FUNCTIONS = PROJECT["dependency-groups"]["functions"]
EXTRAS = ("llm", "a2a", "prices")
WANTED = {
    "functions/requirements.txt": FUNCTIONS,
    **{f"functions/requirements-{extra}.txt": PROJECT["dependency-groups"][extra] for extra in EXTRAS},
    "requirements-dev.txt": [
        *PROJECT["project"]["dependencies"],
        *(line for lines in PROJECT["project"]["optional-dependencies"].values() for line in lines),
        *PROJECT["dependency-groups"]["dev"],
    ],
}
#: What the package needs and the functions do not: the command line and the local stack.
ON_THIS_MACHINE = {"cryptography", "pyyaml", "rich", "typer", "uvicorn", "watchfiles"}
#: What cannot be installed beside Tock, or would change how it runs, has a virtual environment of its own.
APART = {
    "tests/benchmarks/requirements-peers.txt": PROJECT["dependency-groups"]["peers"],
    "tests/documentation/requirements-docs.txt": PROJECT["dependency-groups"]["docs"],
}


def _pins(path: str) -> dict[str, str]:
    pinned = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", (ROOT / path).read_text(), re.MULTILINE)
    return {canonicalize_name(name): number for name, number in pinned}


def _closure(wanted: list[str]) -> set[str]:
    found: set[str] = set()
    waiting = [Requirement(line) for line in wanted]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        extras = requirement.extras or {""}
        if requirement.marker is not None and not any(
            requirement.marker.evaluate({"extra": extra}) for extra in extras
        ):
            continue
        if name in found:
            continue
        found.add(name)
        try:
            further = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:
            continue
        waiting += [
            each
            for each in further
            if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    return found


def test_the_package_needs_what_the_functions_need_and_the_command_line_besides() -> None:
    package = set(PROJECT["project"]["dependencies"])

    assert set(FUNCTIONS) < package
    assert {Requirement(line).name for line in package - set(FUNCTIONS)} == ON_THIS_MACHINE


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_needs_the_same_on_this_machine_as_in_the_functions(extra: str) -> None:
    assert PROJECT["project"]["optional-dependencies"][extra] == PROJECT["dependency-groups"][extra]


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_functions_can_install_an_extra_besides_their_own_requirements(extra: str) -> None:
    own, further = _pins("functions/requirements.txt"), _pins(f"functions/requirements-{extra}.txt")

    assert {name: version for name, version in further.items() if own.get(name, version) != version} == {}


@pytest.mark.parametrize("path", [*WANTED, *APART])
def test_every_requirement_of_the_project_is_pinned_within_its_range(path: str) -> None:
    pins = _pins(path)

    stale = [
        line
        for line in (WANTED | APART)[path]
        if (wanted := Requirement(line))
        and not wanted.specifier.contains(pins.get(canonicalize_name(wanted.name), "0"))
    ]

    assert stale == [], "run `make requirements`"


@pytest.mark.parametrize("path", WANTED)
def test_everything_that_is_needed_is_pinned_at_the_installed_version(path: str) -> None:
    pins = _pins(path)
    needed = _closure(WANTED[path])

    assert needed - set(pins) == set(), "run `make requirements`"
    assert {name: pins[name] for name in needed} == {name: version(name) for name in needed}, "run `make setup`"


@pytest.mark.parametrize("path", [*WANTED, *APART, "tests/infra/requirements-checkov.txt"])
def test_every_pin_has_a_hash_and_no_index_is_named(path: str) -> None:
    text = (ROOT / path).read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)

    assert [block.splitlines()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []
    assert re.findall(r"https?://|--index|--extra-index|--find-links|file:", text) == []


#: Imports what `functions-framework` imports to serve an async function, and prints the names of all modules.
SERVE = """
import sys
import functions_framework._cli, functions_framework._http.gunicorn, functions_framework.aio, uvicorn_worker
print(" ".join({module.partition(".")[0] for module in sys.modules}))
"""


def test_all_that_only_the_functions_framework_needs_is_imported_to_serve_but_watchdog() -> None:
    framework = [line for line in FUNCTIONS if Requirement(line).name == "functions-framework"]
    without = [line for line in FUNCTIONS if line not in framework]
    brought = _closure(framework) - _closure(without)

    done = subprocess.run([sys.executable, "-c", SERVE], capture_output=True, text=True, check=True)

    modules = set(done.stdout.split())
    imported = {
        canonicalize_name(name)
        for module, names in packages_distributions().items()
        if module in modules
        for name in names
    }
    assert brought >= {"flask", "werkzeug", "cloudevents", "gunicorn"}
    assert brought - imported == {"watchdog"}, "SECURITY.md says which libraries the functions load"


def test_what_would_change_how_the_functions_run_here_is_not_installed_beside_them() -> None:
    assert "uvloop" not in {pin for path in WANTED for pin in _pins(path)}
