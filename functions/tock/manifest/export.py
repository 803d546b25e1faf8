"""Writes resources as the YAML file that defines them."""

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from tock.core.agent.agent import MANAGED_BY
from tock.manifest.comparison.difference import Deployed, Resource
from tock.manifest.entry import json_defaults
from tock.manifest.file_schema import DefinedAgent, DefinedTrigger


def exported(deployed: Deployed, *, owner: str) -> str:
    """Return the YAML of all agents and triggers, by their ids, without fields that have their default.

    The label of `owner` is left out, because `tock apply` keeps it.
    """
    lists = {
        "agents": [_written(each, spec=DefinedAgent, owner=owner) for each in _sorted(deployed.agents)],
        "triggers": [_written(each, spec=DefinedTrigger, owner=owner) for each in _sorted(deployed.triggers)],
    }
    text: str = yaml.dump(
        {name: listed for name, listed in lists.items() if listed},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=120,
    )
    return text


def _sorted(resources: Any) -> list[Resource]:
    return sorted(resources, key=lambda resource: str(resource["id"]))


def _written(resource: Resource, *, spec: type[BaseModel], owner: str) -> dict[str, Any]:
    defaults = json_defaults(spec)
    fields = {name: resource[name] for name in spec.model_fields if name in resource and name != "id"}
    if fields.get("labels", {}).get(MANAGED_BY) == owner:
        fields["labels"] = {name: value for name, value in fields["labels"].items() if name != MANAGED_BY}
    written = {
        name: _without_defaults(value, defaults.get(name))
        for name, value in fields.items()
        if name not in defaults or value != defaults[name]
    }
    return {"id": resource["id"], **written}


def _without_defaults(value: Any, default: Any) -> Any:
    """Return an object without the members that are as in the default; free JSON has no default but {}."""
    if not isinstance(value, Mapping) or not isinstance(default, Mapping):
        return value
    return {name: inner for name, inner in value.items() if name not in default or inner != default[name]}


class _Dumper(yaml.SafeDumper):  # type: ignore[misc] # PyYAML has no types
    """Writes each value so that every reader of YAML, 1.1 or 1.2, takes it for the same one."""

    def ignore_aliases(self, _: Any) -> bool:
        """Write a value that occurs twice twice."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    if "\n" in value and value.isprintable() is False and all(line == line.rstrip() for line in value.split("\n")):
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|")
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if _is_word(value) else '"')


def _is_word(value: str) -> bool:
    return value.isascii() and value[:1].isalpha() and value.replace("-", "").replace("_", "").isalnum()


_Dumper.add_representer(str, _text)
# An answer of the API is a dict of a class of its own.
_Dumper.add_multi_representer(dict, yaml.SafeDumper.represent_dict)
