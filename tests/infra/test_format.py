"""The Terraform is formatted as `terraform fmt` does it."""

import subprocess

import pytest

from infra.configuration import INFRA
from infra.evaluation import terraform
from waiting import TIMEOUT


@pytest.mark.usefixtures("needs_terraform")
def test_every_file_is_formatted() -> None:
    done = subprocess.run(
        [str(terraform()), "fmt", "-check", "-recursive", "-no-color", str(INFRA)],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )

    assert (done.returncode, done.stdout) == (0, ""), "run `terraform fmt infra`"
