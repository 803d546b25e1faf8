"""One Python is deployed, and it is one that the package names and the tests run on."""

import re
import tomllib
from pathlib import Path

from tock.deploy.errors import PYTHON

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_deployed_python_is_the_one_that_the_package_and_the_command_line_name() -> None:
    [runtime] = re.findall(r'runtime += "python(\d)(\d+)"', (ROOT / "infra" / "functions.tf").read_text())

    assert ".".join(runtime) == PYTHON
    assert f"Programming Language :: Python :: {PYTHON}" in PROJECT["classifiers"]


def test_the_oldest_supported_python_is_one_that_the_package_names() -> None:
    oldest = PROJECT["requires-python"].removeprefix(">=")

    assert f"Programming Language :: Python :: {oldest}" in PROJECT["classifiers"]
