"""Adds the files that the command line needs besides its modules to the wheel: see `tock/packaged_files.py`."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: The folder of the files in the wheel, where `tock/packaged_files.py` looks for them.
TARGET = "tock/_files"
_FILES = ("main.py", "requirements.txt", "requirements-llm.txt", "requirements-a2a.txt", "requirements-prices.txt")


class FilesHook(BuildHookInterface[Any]):
    """Adds the entry module, the pinned requirements, Terraform and the templates to a wheel, unless it is editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Set the path in the wheel of each file."""
        if version == "editable":
            return
        root = Path(self.root)
        files = {root / "functions" / name: name for name in _FILES}
        infra = root / "infra"
        for file in (*infra.glob("*.tf"), infra / "README.md", infra / "terraform.tfvars.example"):
            files[file] = f"infra/{file.name}"
        for project in (root / "examples").glob("*/tock.toml"):
            for file in project.parent.iterdir():
                if file.is_file():
                    files[file] = f"templates/{project.parent.name}/{file.name}"
        build_data["force_include"] |= {str(file): f"{TARGET}/{place}" for file, place in files.items()}
