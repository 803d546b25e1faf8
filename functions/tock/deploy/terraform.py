"""Terraform as a deployment runs it: its own words go to the terminal, its exit codes come back."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tock.deploy.errors import StateUnreadable, ToolMissing

#: What a shell says of a program that a signal ended: so much more than the signal's number.
_SIGNALLED = 128


@dataclass(frozen=True, slots=True)
class Terraform:
    """The Terraform of the person at the terminal, in one folder of configuration."""

    program: str
    infra: Path

    @classmethod
    def found(cls, infra: Path) -> "Terraform":
        """Return the Terraform on the PATH, to run in this folder. Raises ToolMissing."""
        program = shutil.which("terraform")
        if program is None:
            raise ToolMissing(
                "terraform", remedy="Install Terraform 1.9 or later: https://developer.hashicorp.com/terraform/install"
            )
        return cls(program, infra)

    def init(self, *, bucket: str) -> int:
        """Set up the folder for the state in this bucket, whatever it was set up for before; the exit code."""
        return self._run("init", "-input=false", "-reconfigure", f"-backend-config=bucket={bucket}")

    def outputs(self) -> Mapping[str, Any]:
        """Return what the state says of the deployment: output to value, empty before the first one.

        Raises StateUnreadable.
        """
        answer = subprocess.run(  # noqa: S603 - the executable is the user's own Terraform
            self._command("output", "-json"), capture_output=True, text=True, errors="replace", check=False
        )
        try:
            outputs = json.loads(answer.stdout) if answer.returncode == 0 else None
        except ValueError:
            outputs = None
        if not isinstance(outputs, dict):
            raise StateUnreadable(said=answer.stderr or answer.stdout)
        return {name: output["value"] for name, output in outputs.items()}

    def plan(self, variables: Mapping[str, str]) -> int:
        """Show what would change; the exit code."""
        return self._run("plan", "-input=false", *_given(variables))

    def apply(self, variables: Mapping[str, str], *, approved: bool) -> int:
        """Show what will change, ask unless it is approved already, and change it; the exit code."""
        return self._run("apply", *(("-input=false", "-auto-approve") if approved else ()), *_given(variables))

    def _run(self, *words: str) -> int:
        # A race: Ctrl-C reaches Terraform too, which then writes down what it has done so far. It is waited for.
        before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
        try:
            code = subprocess.run(self._command(*words), check=False).returncode  # noqa: S603 - as above
        finally:
            signal.signal(signal.SIGINT, before)
        return code if code >= 0 else _SIGNALLED - code

    def _command(self, *words: str) -> list[str]:
        return [self.program, f"-chdir={self.infra}", *words]


def _given(variables: Mapping[str, str]) -> list[str]:
    return [word for name, value in variables.items() for word in ("-var", f"{name}={value}")]


def archive_path(archive: Path, *, infra: Path) -> str:
    """Return the archive's path as Terraform is told: from its folder, and so the same for everybody who deploys."""
    return Path(os.path.relpath(archive.resolve(), infra.resolve())).as_posix()
