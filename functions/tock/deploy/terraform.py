"""Runs Terraform for a deployment: its output goes to the terminal, its exit code to the caller."""

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

#: A shell's exit code for a program that a signal ended is this plus the signal's number.
_SIGNALLED = 128


@dataclass(frozen=True, slots=True)
class Terraform:
    """The user's Terraform program, and the folder of configuration that it runs in."""

    program: str
    infra: Path

    @classmethod
    def found(cls, infra: Path) -> "Terraform":
        """Return the Terraform on the PATH, to be run in this folder. Raises ToolMissing."""
        program = shutil.which("terraform")
        if program is None:
            raise ToolMissing(
                "terraform", remedy="Install Terraform 1.11 or later: https://developer.hashicorp.com/terraform/install"
            )
        return cls(program, infra)

    def init(self, *, bucket: str) -> int:
        """Initialize the folder for the state in this bucket, even if it had another one; return the exit code."""
        return self._run("init", "-input=false", "-reconfigure", f"-backend-config=bucket={bucket}")

    def outputs(self) -> Mapping[str, Any]:
        """Return the state's outputs by name, empty before the first deployment. Raises StateUnreadable."""
        answer = subprocess.run(  # noqa: S603 - the executable is the user's own Terraform
            self._command("output", "-json"), capture_output=True, text=True, errors="replace", check=False
        )
        try:
            outputs = json.loads(answer.stdout) if answer.returncode == 0 else None
        except ValueError:
            outputs = None
        if not isinstance(outputs, dict):
            raise StateUnreadable(output=answer.stderr or answer.stdout)
        return {name: output["value"] for name, output in outputs.items()}

    def plan(self, variables: Mapping[str, str]) -> int:
        """Show what would change, and return the exit code."""
        return self._run("plan", "-input=false", *_given(variables))

    def apply(self, variables: Mapping[str, str], *, approved: bool) -> int:
        """Show the changes, ask for approval unless `approved`, apply them, and return the exit code."""
        return self._run("apply", *(("-input=false", "-auto-approve") if approved else ()), *_given(variables))

    def _run(self, *words: str) -> int:
        # A race: Ctrl-C reaches Terraform too, which then saves what it has done so far. So this process ignores the
        # signal and waits for Terraform to end.
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
    """Return the archive's path relative to Terraform's folder, so that it is the same on every machine."""
    return Path(os.path.relpath(archive.resolve(), infra.resolve())).as_posix()
