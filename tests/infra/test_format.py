"""The Terraform is formatted as `terraform fmt` does it."""

import subprocess

import pytest

from infra.configuration import INFRA
from infra.evaluation import terraform


@pytest.mark.usefixtures("needs_terraform")
def test_every_file_is_formatted() -> None:
    done = subprocess.run(
        [str(terraform()), "fmt", "-check", "-recursive", "-no-color", str(INFRA)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (0, ""), "run `terraform fmt infra`"
