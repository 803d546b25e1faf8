"""Finds the folder that Terraform runs in, or copies Tock's own Terraform files there."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tock.deploy.errors import InfraMissing

#: The user's files that Terraform reads: values of variables, and the lock file that pins the provider.
_VALUES = ("terraform.tfvars", "terraform.tfvars.json", "*.auto.tfvars", "*.auto.tfvars.json")
_LOCK = ".terraform.lock.hcl"


@dataclass(frozen=True, slots=True)
class InfraFolder:
    """Terraform's folder; `values` is the folder that its values and lock file were copied from, None if not copied."""

    path: Path
    values: Path | None = None

    @classmethod
    def find(cls, named: Path | None, *, here: Path, shipped: Path, work: Path) -> "InfraFolder":
        """Return the folder to run Terraform in.

        1. If a folder is named, use it in place.
        2. Otherwise use `infra` in the current folder `here` in place, if it has Terraform files.
        3. Otherwise copy the Terraform files that Tock ships to `work`, with the values and lock file of `here`.

        Raises:
            InfraMissing: the named folder, or Tock's own, contains no Terraform files.
        """
        if named is not None or _has_terraform(here / "infra"):
            path = named or here / "infra"
            if not _has_terraform(path):
                raise InfraMissing(path)
            return cls(path)
        if not _has_terraform(shipped):
            raise InfraMissing(shipped)
        work.mkdir(parents=True, exist_ok=True)
        for old in (*work.glob("*.tf"), *_values(work), *work.glob(_LOCK)):
            old.unlink()
        for file in (*shipped.glob("*.tf"), *_values(here), *here.glob(_LOCK)):
            shutil.copyfile(file, work / file.name)
        return cls(work, values=here)

    def keep_lock(self) -> None:
        """Copy the lock file that `terraform init` wrote to the folder `values`, where the user commits it."""
        lock = self.path / _LOCK
        if self.values is not None and lock.is_file():
            shutil.copyfile(lock, self.values / _LOCK)


def _has_terraform(folder: Path) -> bool:
    return any(folder.glob("*.tf"))


def _values(folder: Path) -> list[Path]:
    return [file for pattern in _VALUES for file in folder.glob(pattern)]
