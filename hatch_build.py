"""Puts the files that the command line needs beside its modules into the wheel: see `tock/distribution.py`."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Where they go; `tock/distribution.py` looks for them there.
TARGET = "tock/_files"


class FilesHook(BuildHookInterface[Any]):
    """Adds the entry module, the pinned requirements and Terraform to a wheel that is not an editable one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files, each with its place in the wheel."""
        if version == "editable":
            return
        root = Path(self.root)
        files = {root / "functions" / name: name for name in ("main.py", "requirements.txt")}
        infra = root / "infra"
        for file in (*infra.glob("*.tf"), infra / "README.md", infra / "terraform.tfvars.example"):
            files[file] = f"infra/{file.name}"
        build_data["force_include"] |= {str(file): f"{TARGET}/{place}" for file, place in files.items()}
