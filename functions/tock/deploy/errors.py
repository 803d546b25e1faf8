"""Every error of an archive or a deployment, each with its own sentence and what to do about it.

DeployError
├── SourceMissing        a file of the functions' source is missing
├── CannotInclude        what is to go into the archive cannot
├── CannotHold           a file or folder that no archive can hold
├── RequirementsRefused  further requirements that pip could not install beside Tock's own
├── CannotWrite          the archive cannot be written where it was asked for
├── InfraMissing         there is no Terraform where it was looked for
├── ValueMissing         a variable has no value, or one that Google Cloud does not accept
├── ToolMissing          terraform or gcloud is not installed
├── NotLoggedIn          gcloud or Terraform has no credentials
├── ProjectUnknown       the Google Cloud project is not there, or not open to whoever is logged in
├── BucketRefused        the bucket for Terraform's state cannot be had
├── NothingDeployed      a plan was asked for before there is a deployment
├── KeySetElsewhere      a new admin key was asked for, but a file sets its hash
├── StateUnreadable      Terraform does not say what is deployed
└── Unhealthy            the deployment is applied, but does not say that it is well
"""

from collections.abc import Iterable
from pathlib import Path

#: The Python that the functions are deployed with: `runtime` in infra/functions.tf.
PYTHON = "3.13"


class DeployError(Exception):
    """What keeps an archive or a deployment from being made; `remedies` are lines for the person at the terminal."""

    def __init__(self, message: str, *remedies: str) -> None:
        self.remedies = remedies
        super().__init__(message)


class SourceMissing(DeployError):
    """A file of the functions' source is missing."""

    def __init__(self, missing: Path) -> None:
        super().__init__(
            f"Tock is not installed completely: {missing} is missing.",
            "Install it again: pip install --force-reinstall tock",
        )


class CannotInclude(DeployError):
    """What is to go into the archive cannot."""

    def __init__(self, path: Path, *, reason: str, remedy: str) -> None:
        super().__init__(f"--include {path}: {reason}.", remedy)


class CannotHold(DeployError):
    """A file or folder that no archive can hold."""

    def __init__(self, path: Path, *, reason: str) -> None:
        super().__init__(
            f"The archive cannot hold {path}: {reason}.", "Remove it, or put a readable file in its place."
        )


class RequirementsRefused(DeployError):
    """Further requirements that pip could not install beside Tock's own."""

    def __init__(self, place: str, *, reason: str, pins: Path) -> None:
        super().__init__(
            f"--requirements {place}: {reason}.",
            "Google's build runs one `pip install -r requirements.txt`: all hashed or nothing, one pin for each name.",
            "Pin yours beside Tock's, for the Python that Google runs them with:",
            f"  uv pip compile YOURS.in -c {pins} --generate-hashes --universal --python-version {PYTHON} -o YOURS.txt",
        )


class CannotWrite(DeployError):
    """The archive cannot be written where it was asked for."""

    def __init__(self, path: Path, *, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}.", "Name another place, or make room there.")


class InfraMissing(DeployError):
    """There is no Terraform where it was looked for."""

    def __init__(self, infra: Path) -> None:
        super().__init__(
            f"There is no Terraform in {infra}.",
            "Name a folder that has some: --infra PATH, or leave the option out to use Tock's own.",
        )


class ValueMissing(DeployError):
    """A variable has no value, or one that Google Cloud does not accept."""

    def __init__(self, option: str, *, problem: str, remedy: str) -> None:
        super().__init__(f"{option}: {problem}.", remedy)


class ToolMissing(DeployError):
    """A program that the deployment needs is not installed."""

    def __init__(self, program: str, *, remedy: str) -> None:
        super().__init__(f"{program} is not installed, or not on the PATH.", remedy)


class NotLoggedIn(DeployError):
    """A program has no credentials."""

    def __init__(self, who: str, *, command: str, said: str) -> None:
        super().__init__(f"{who} has no credentials.", f"Get them: {command}", *_quoted(said))


class ProjectUnknown(DeployError):
    """The Google Cloud project is not there, or not open to whoever is logged in."""

    def __init__(self, project: str, *, said: str) -> None:
        super().__init__(
            f"The Google Cloud project {project!r} cannot be seen.",
            "See those that can: gcloud projects list",
            *_quoted(said),
        )


class BucketRefused(DeployError):
    """The bucket for Terraform's state cannot be had."""

    def __init__(self, bucket: str, *, reason: str, said: str = "") -> None:
        super().__init__(
            f"The bucket gs://{bucket} for Terraform's state {reason}.",
            "Whoever deploys needs the role Storage Admin; another --name makes it another bucket.",
            *_quoted(said),
        )


class NothingDeployed(DeployError):
    """A plan was asked for before there is a deployment."""

    def __init__(self, name: str, *, project: str) -> None:
        super().__init__(
            f"There is no deployment {name!r} in {project} yet, so there is nothing to compare with.",
            "Leave out --plan: Terraform shows its plan and asks before it changes anything.",
        )


class KeySetElsewhere(DeployError):
    """A new admin key was asked for, but a file sets its hash."""

    def __init__(self, infra: Path) -> None:
        super().__init__(
            f"--new-admin-key: a variables file in {infra} sets admin_key_hash.",
            "Remove it there, and the key is made here; or set another hash there and leave the option out.",
        )


class StateUnreadable(DeployError):
    """Terraform does not say what is deployed."""

    def __init__(self, *, said: str) -> None:
        super().__init__("Terraform does not say what is deployed; nothing was changed.", *_quoted(said))


class Unhealthy(DeployError):
    """The deployment is applied, but does not say that it is well."""

    def __init__(self, url: str, *, waited: str, last: str) -> None:
        super().__init__(
            f"The deployment is applied, but no tick succeeded within {waited}; {url}/v1/health: {last}.",
            "A new installation's permissions may take seven minutes to hold everywhere: look again.",
            "403 is expected where api_callers leaves out allUsers: --wait 0s does not look.",
            "Otherwise read the function tick's log, and the job's in Cloud Scheduler.",
        )


def _quoted(said: str) -> Iterable[str]:
    return tuple(line for line in said.strip().splitlines() if line.strip())
