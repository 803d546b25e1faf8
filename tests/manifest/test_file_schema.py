"""The JSON Schema of files of definitions, for editors."""

from typing import Any

import jsonschema
import pytest

from documentation.reference import openapi
from tock.manifest.file_schema import file_schema

PULSE = {"id": "pulse", "kind": "python", "config": {"callable": "acme.agents:pulse"}}
HOOK = {"id": "hook", "kind": "http", "config": {"url": "https://example.com/hook"}}


def _problems(file: dict[str, Any]) -> list[str]:
    return [each.message for each in jsonschema.Draft202012Validator(file_schema()).iter_errors(file)]


def test_each_kind_has_the_configuration_that_the_api_describes() -> None:
    defined = file_schema()["$defs"]
    described = openapi.document()["components"]["schemas"]

    kinds = described["NewAgent"]["discriminator"]["mapping"]

    assert {each["$ref"] for each in defined["DefinedAgent"]["oneOf"]} == {
        f"#/$defs/Defined{kind.title()}Agent" for kind in kinds
    }
    for kind in kinds:
        in_file, of_api = defined[f"Defined{kind.title()}Agent"], described[f"New{kind.title()}Agent"]
        assert in_file["properties"]["config"] == of_api["properties"]["config"]
        assert set(in_file["required"]) == {*of_api["required"], "id"}


def test_a_file_with_agents_of_several_kinds_fits() -> None:
    assert _problems({"agents": [PULSE, HOOK], "triggers": []}) == []


@pytest.mark.parametrize(
    "agent",
    [
        HOOK | {"config": PULSE["config"]},
        PULSE | {"config": {"callable": "acme.agents:pulse", "isolatoin": "loop"}},
        PULSE | {"kind": "pyhton"},
        {name: value for name, value in PULSE.items() if name != "config"},
    ],
    ids=["another kind's", "a misspelt member", "an unknown kind", "none"],
)
def test_a_configuration_that_its_kind_does_not_take_is_found(agent: dict[str, Any]) -> None:
    assert _problems({"agents": [agent]}) != []
