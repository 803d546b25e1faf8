"""The functions that start runs stay light: what only the API needs is not imported with them."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["launch", "problems", "access", "requests"])
def test_an_edge_beside_the_api_does_not_import_fastapi(module: str) -> None:
    program = f"import sys, tock.web.{module}; print(*sorted(name for name in sys.modules if name == 'fastapi'))"
    environment = {"PYTHONPATH": ":".join(sys.path)}

    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
