"""The Terraform of `infra/` as Terraform itself evaluates it, for given variables and without the provider.

Resources are rewritten as local values with the same expressions. An attribute that only Google Cloud knows, such as an
id or an email, gets its own address as its value: `google_service_account.function[tick].email`. Terraform then checks
the variables, expands `for_each`, `count` and `dynamic`, and evaluates every expression.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.configuration import INFRA, META, Dynamic, Item, arguments, is_block, local_values, of_kind, text
from infra.provider import documented
from waiting import TIMEOUT

#: Attributes that need a real value, since expressions look into them.
_KNOWN = {
    "data.google_project.number": '"123456789012"',
    "data.google_cloud_run_v2_service.urls": "values(local.url)",
}
#: A value that Terraform makes and does not store: it becomes its own address.
_EPHEMERAL = re.compile(r"(?<![\w.])ephemeral\.[a-z_]+\.[a-z_]+\.[a-z_]+")
_TERRAFORM = re.compile(r"(?<![\w.])(data\.)?(google_[a-z0-9_]+)\.([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result: the instances of resources by address, the local values and the outputs."""

    resources: Mapping[str, Mapping[str, Any]]
    local: Mapping[str, Any]
    outputs: Mapping[str, Any]

    def instances(self, type_name: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the instances of a type of resource, by address."""
        return {address: found for address, found in self.resources.items() if address.startswith(f"{type_name}.")}

    def service(self, function: str) -> Mapping[str, Any]:
        """Return the `service_config` of a function."""
        blocks: list[Mapping[str, Any]] = self.resources[f"google_cloudfunctions2_function.this[{function}]"][
            "service_config"
        ]
        return blocks[0]


class Refused(Exception):
    """Terraform refused the variables or an expression; the message is Terraform's."""


def terraform() -> str | None:
    """Return the path of Terraform, or None if it is not installed."""
    return shutil.which("terraform")


def evaluate(variables: Mapping[str, Any], *, workspace: Path) -> Evaluation:
    """Evaluate the configuration with these variables in an empty directory. Raises Refused."""
    (workspace / "variables.tf").write_text((INFRA / "variables.tf").read_text())
    (workspace / "evaluation.tf").write_text(_evaluation())
    (workspace / "terraform.tfvars.json").write_text(json.dumps(variables))
    _run("apply", "-auto-approve", "-input=false", "-no-color", workspace=workspace)
    found = {name: output["value"] for name, output in json.loads(_run("output", "-json", workspace=workspace)).items()}
    return Evaluation(resources=_instances(found["resources"]), local=found["local"], outputs=found["outputs"])


def _run(*words: str, workspace: Path) -> str:
    # Without the Terraform variables and options of the environment, and without a check for newer versions.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    done = subprocess.run(
        [str(terraform()), f"-chdir={workspace}", *words],
        env=environment | {"CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    if done.returncode != 0:
        raise Refused(" ".join(done.stderr.replace("│", "").split()))
    return done.stdout


def _instances(resources: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for address, value in resources.items():
        match value:
            case {"instances": dict(by_key)}:
                found |= {f"{address}[{key}]": instance for key, instance in by_key.items()}
            case {"instances": list(numbered)}:
                found |= {f"{address}[{number}]": instance for number, instance in enumerate(numbered)}
            case _:
                found[address] = value["instance"]
    return found


def _evaluation() -> str:
    kept = of_kind("resource", "data")
    lines = [
        "locals {",
        *(f"{name} = {_expression(value)}" for name, value in local_values().items()),
        *(f"{_local_name(item)} = {_resource(item)}" for item in kept),
        "}",
        _output("local", {name: f"local.{name}" for name in local_values()}),
        _output("resources", {item.address: _wrapped(item) for item in kept if item.kind == "resource"}),
        _output("outputs", {item.name: _expression(item.body["value"]) for item in of_kind("output")}),
    ]
    return "\n".join(lines)


def _output(name: str, values: Mapping[str, str]) -> str:
    inside = "\n".join(f'"{key}" = {value}' for key, value in values.items())
    return f'output "{name}" {{\nvalue = {{\n{inside}\n}}\n}}'


def _wrapped(item: Item) -> str:
    many = "for_each" in item.body or "count" in item.body
    return f"{{ {'instances' if many else 'instance'} = local.{_local_name(item)} }}"


def _local_name(item: Item) -> str:
    return f"{'data_' if item.kind == 'data' else ''}{item.type}__{item.name}"


def _resource(item: Item) -> str:
    written = {name: value for name, value in arguments(item.body).items() if name not in META}
    if "for_each" in item.body:
        one = _object(_computed(item, label="[${each_key}]") | _values(written))
        return f"{{ for each_key, each_value in {_expression(item.body['for_each'])} : each_key => {one} }}"
    if "count" in item.body:
        one = _object(_computed(item, label="[${count_index}]") | _values(written))
        return f"[for count_index in range({_expression(item.body['count'])}) : {one}]"
    return _object(_computed(item, label="") | _values(written))


def _computed(item: Item, *, label: str) -> dict[str, str]:
    """Return the attributes that only Google Cloud knows."""
    known = documented(item.kind, item.type)
    kind = "data." if item.kind == "data" else ""
    return {
        attribute: _KNOWN.get(f"{kind}{item.type}.{attribute}", f'"{item.address}{label}.{attribute}"')
        for attribute in (known.attributes if known else ())
        if "." not in attribute
    }


def _values(written: Mapping[str, Any]) -> dict[str, str]:
    return {name: _value(name, value) for name, value in written.items()}


def _value(name: str, value: Any) -> str:
    """Return an argument's expression. Blocks become a list of objects."""
    if isinstance(value, Dynamic):
        content = re.sub(rf"\b{name}\.(key|value)\b", rf"{name}_\1", _object(_values(arguments(value.content))))
        return f"[for {name}_key, {name}_value in {_expression(value.collection)} : {content}]"
    if is_block(value):
        return "[" + ", ".join(_object(_values(arguments(block))) for block in value) + "]"
    return _expression(value)


def _object(values: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'"{name}" = {value}' for name, value in values.items()) + "}"


def _expression(value: Any) -> str:
    """Return a value from python-hcl2 as an expression of the rewritten configuration."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            return _renamed(f"({value[2:-1]})" if value.startswith("${") else value)
        case list():
            return "[" + ", ".join(_expression(each) for each in value) + "]"
        case dict():
            return _object({text(name): _expression(each) for name, each in arguments(value).items()})
        case _:
            raise TypeError(f"{value!r} is no value of Terraform")


def _renamed(expression: str) -> str:
    """Replace references to resources by local values, and `each` and `count` by the variables of a `for`."""
    expression = _EPHEMERAL.sub(lambda found: f'"{found[0]}"', expression)
    renamed = _TERRAFORM.sub(lambda found: f"local.{'data_' if found[1] else ''}{found[2]}__{found[3]}", expression)
    return re.sub(r"\b(each|count)\.(key|value|index)\b", r"\1_\2", renamed)
