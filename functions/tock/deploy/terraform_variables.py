"""Finds project, region and name of an installation: in an option, then where Terraform looks, then a default."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tock.deploy.errors import ValueMissing

#: The defaults of infra/variables.tf.
REGION = "europe-west1"
NAME = "tock"

#: Google Cloud's rule for a project id.
_PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_REGION = re.compile(r"[a-z]+-[a-z]+[0-9]+")
#: The rule of infra/variables.tf.
_NAME = re.compile(r"[a-z][a-z0-9-]{1,15}")
_VARIABLE = "TF_VAR_"
_ASSIGNED = re.compile(r'\s*(?P<variable>\w+)\s*=\s*"(?P<value>[^"\\]*)"')
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"(?:#|//).*")


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation: its project, its region, the prefix of its resources' names, and what else names resources."""

    project: str
    region: str
    name: str
    #: The region of the second job that ticks; empty if there is none.
    second_region: str = ""
    #: The database in use if it was restored from a backup; empty for the installation's own.
    restored_database: str = ""

    @property
    def database(self) -> str:
        """The id of the database in use."""
        return self.restored_database or f"{self.name}-data"

    @property
    def tick_jobs(self) -> Mapping[str, str]:
        """The names of the Cloud Scheduler jobs that tick, each with its region."""
        second = {f"{self.name}-second-tick": self.second_region} if self.second_region else {}
        return {f"{self.name}-tick": self.region} | second

    @property
    def state_bucket(self) -> str:
        """The name of the bucket for Terraform's state."""
        return f"{self.project}-{self.name}-terraform"

    @classmethod
    def named(cls, *, project: str | None, region: str | None, name: str | None, infra: Path) -> "Installation":
        """Return the installation of these options; an option that is None comes from `assigned`, or is the default.

        So does what has no option.

        Raises ValueMissing.
        """
        elsewhere = assigned(infra)
        found = cls(
            project=project or elsewhere.get("project", ""),
            region=region or elsewhere.get("region", REGION),
            name=name or elsewhere.get("name", NAME),
            second_region=elsewhere.get("second_region", ""),
            restored_database=elsewhere.get("restored_database", ""),
        )
        if not found.project:
            raise ValueMissing("--project", problem="no project is given", remedy="Give its id: --project my-project")
        _check("--project", found.project, rule=_PROJECT, remedy="Give a project id, as in `gcloud projects list`.")
        _check("--region", found.region, rule=_REGION, remedy="Give a region of Google Cloud, such as europe-west1.")
        _check(
            "--name",
            found.name,
            rule=_NAME,
            remedy="Use 2 to 16 lower-case letters, digits and hyphens, beginning with a letter.",
        )
        return found


def assigned(infra: Path) -> Mapping[str, str]:
    """Return the string variables that Terraform finds itself: of the environment, overridden by variables files."""
    files = [
        *(infra / name for name in ("terraform.tfvars", "terraform.tfvars.json")),
        *sorted((*infra.glob("*.auto.tfvars"), *infra.glob("*.auto.tfvars.json"))),
    ]
    environment = {
        name.removeprefix(_VARIABLE): value for name, value in os.environ.items() if name.startswith(_VARIABLE)
    }
    return environment | {variable: value for file in files if file.is_file() for variable, value in _assignments(file)}


def _assignments(file: Path) -> Iterator[tuple[str, str]]:
    text = file.read_text(errors="replace")
    if file.suffix == ".json":
        yield from _of_json(text, file=file)
        return
    depth = 0
    for line in text.splitlines():
        match = _ASSIGNED.match(line)
        if match is not None and depth == 0:
            yield match["variable"], match["value"]
        code = _COMMENT.sub("", _TEXT.sub("", line))
        # An assignment within braces is part of another variable's value.
        depth += sum(code.count(opening) for opening in "{[(") - sum(code.count(shutdown) for shutdown in ")]}")


def _of_json(text: str, *, file: Path) -> Iterator[tuple[str, str]]:
    try:
        found = json.loads(text)
    except ValueError as exc:
        raise ValueMissing(str(file), problem=f"it is not JSON ({exc})", remedy="Correct or remove it.") from exc
    if isinstance(found, dict):
        yield from ((variable, value) for variable, value in found.items() if isinstance(value, str))


def _check(option: str, value: str, *, rule: re.Pattern[str], remedy: str) -> None:
    if rule.fullmatch(value) is None:
        raise ValueMissing(option, problem=f"{value!r} is not valid", remedy=remedy)
