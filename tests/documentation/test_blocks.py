"""No block of the documentation escapes the tests: each is run, checked, or says why not."""

import json
import re
import tomllib
from typing import Any

import jsonschema
import pytest
import yaml

from documentation.pages import PAGES, ROOT, Block, blocks_of, codes
from documentation.reference.openapi import document
from tock.bootstrap.settings import Settings
from tock.manifest.project_file import PROJECT_FILE, ProjectFile

#: Languages that nothing can run or check; in `http` blocks, requests must be those of the API.
_SHOWN = frozenset({"text", "http", "js", "hcl"})
_RUN = frozenset({"shell", "python", "hidden"})
_DATA = {"json": json.loads, "yaml": yaml.safe_load, "toml": tomllib.loads}
BLOCKS = [block for page in PAGES for block in blocks_of(page)]


@pytest.mark.parametrize("page", PAGES)
def test_every_block_says_how_it_is_tested(page: str) -> None:
    unknown = [f"{block}: the language {block.language!r}" for block in blocks_of(page) if not _is_known(block)]
    unchecked = [
        f"{block}: write a comment `schema: …`, `file: …`, `run by: …` or `not run: …` before it"
        for block in blocks_of(page)
        if block.language in _DATA and not block.how
    ]

    assert unknown + unchecked == []


def _is_known(block: Block) -> bool:
    return block.language in _SHOWN | _RUN | _DATA.keys()


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.how == "run by"], ids=str)
def test_a_block_that_another_test_runs_is_read_there(block: Block) -> None:
    test = (ROOT / block.what).read_text(encoding="utf-8")

    assert f'"{block.page}"' in test


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language in _DATA], ids=str)
def test_data_can_be_read(block: Block) -> None:
    _DATA[block.language](block.text)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.how == "schema"], ids=str)
def test_data_fits_what_it_is_an_example_of(block: Block) -> None:
    value = _DATA[block.language](block.text)

    if block.what == PROJECT_FILE:
        ProjectFile.model_validate(value)
    elif block.what.startswith("TOCK_"):
        Settings.of_environment({block.what: json.dumps(value)})
    else:
        jsonschema.Draft202012Validator(_schema(block.what)).validate(value)


def _schema(name: str) -> dict[str, Any]:
    """Return a schema of the API's document, or the configuration of one kind of agent: `config of http`."""
    found = document()
    if name.startswith("config of "):
        kind = name.removeprefix("config of ").title()
        part = found["components"]["schemas"][f"New{kind}Agent"]["properties"]["config"]
    else:
        part = {"$ref": f"#/components/schemas/{name}"}
    return {**part, "components": found["components"]}


_SETTING = re.compile(r"^(TOCK_[A-Z_]+)='([^'$]*)'", re.MULTILINE)


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language == "shell" and _SETTING.search(block.text)], ids=str
)
def test_settings_can_be_set_as_the_page_says(block: Block) -> None:
    for name, value in _SETTING.findall(block.text):
        assert name in {f"TOCK_{field.upper()}" for field in Settings.model_fields}
        Settings.of_environment({name: value})


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "http"], ids=str)
def test_requests_are_operations_of_the_api(block: Block) -> None:
    operations = {
        (method.upper(), re.sub(r"\{[^}]*\}", "*", path))
        for path, methods in document()["paths"].items()
        for method in methods
    }

    named = re.findall(r"^(GET|POST|PUT|PATCH|DELETE) +(/\S*?)(?:\?\S*)?(?:\s|$)", block.text, re.MULTILINE)

    assert named
    assert [request for request in named if not any(_is(request, each) for each in operations)] == []


def _is(request: tuple[str, str], operation: tuple[str, str]) -> bool:
    path = re.escape(operation[1]).replace(r"\*", r"[^/:]+")
    return request[0] == operation[0] and re.fullmatch(path, request[1]) is not None


#: What the page says in words: the functions beside the API, and its document.
_IN_WORDS = frozenset({"/trigger", "/retry", "/v1/openapi.json"})
#: What has "the same verbs" as a trigger, as the page says: agents, API keys and projects.
_AS_A_TRIGGER = re.compile(r"/v1/projects/\*/(agents|api-keys)|/v1/projects(?=/\*(:|$)|$)")
_TRIGGERS = "/v1/projects/*/triggers"


def test_the_page_about_the_api_names_every_operation() -> None:
    text = "".join(codes("docs/reference/api.md", "http"))
    lines = re.findall(r"^([A-Z]+) +(/\S*?)(?:\?\S*)?(?: +(.*))?$", text, re.MULTILINE)
    operations = [
        (method.upper(), path)
        for path, methods in document()["paths"].items()
        for method in methods
        if method != "servers" and path not in _IN_WORDS
    ]

    assert [each for each in operations if not _is_named(*each, text=text, lines=lines)] == []


def _is_named(method: str, path: str, *, text: str, lines: list[tuple[str, str, str]]) -> bool:
    """Whether a line requests it, or names its method beside a request of the same path, or its verb anywhere."""
    if verb := re.search(r":[a-z]+$", path):
        return re.search(rf"{verb[0]}\b", text) is not None
    place = _AS_A_TRIGGER.sub(_TRIGGERS, re.sub(r"\{[^}]*\}", "*", path))
    return any(
        _is((method, there), (method, place)) and method in {given, *re.findall(r"\b[A-Z]+\b", said)}
        for given, there, said in lines
    )
