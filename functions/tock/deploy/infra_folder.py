"""The folder that Terraform runs in, and where a person keeps the values for it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tock.deploy.errors import InfraMissing

#: What Terraform reads of a person's: variables, and the lock file that pins the provider.
_VALUES = ("terraform.tfvars", "terraform.tfvars.json", "*.auto.tfvars", "*.auto.tfvars.json")
_LOCK = ".terraform.lock.hcl"


@dataclass(frozen=True, slots=True)
class InfraFolder:
    """Terraform's folder; `values` is the folder that its values and its lock file were copied from, None in place."""

    path: Path
    values: Path | None = None

    @classmethod
    def find(cls, named: Path | None, *, here: Path, shipped: Path, work: Path) -> "InfraFolder":
        """Return the folder to run Terraform in.

        1. A named folder is used in place. 2. Else `infra` in the current folder `here` is. 3. Else the Terraform files
        that Tock ships are copied to `work`, with the values and the lock file of the current folder.

        Raises:
            InfraMissing: there are no Terraform files in the named folder, or none were shipped.
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
        """Copy the lock file of `terraform init` to the folder of the values, where people commit it."""
        lock = self.path / _LOCK
        if self.values is not None and lock.is_file():
            shutil.copyfile(lock, self.values / _LOCK)


def _has_terraform(folder: Path) -> bool:
    return any(folder.glob("*.tf"))


def _values(folder: Path) -> list[Path]:
    return [file for pattern in _VALUES for file in folder.glob(pattern)]
