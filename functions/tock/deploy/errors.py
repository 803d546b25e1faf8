"""Every error of an archive or a deployment, each with its message and remedies.

DeployError
├── SourceMissing        a file of the functions' source is missing
├── CannotInclude        a path of --include cannot go into the archive
├── ModuleUnknown        a module of agents is in none of the folders that modules are imported from
├── CannotHold           a file or folder cannot be stored in an archive
├── RequirementsRefused  pip could not install the agents' requirements together with Tock's own
├── CannotWrite          the archive cannot be written to its path
├── InfraMissing         a folder contains no Terraform files
├── ValueMissing         a variable has no value, or a value that Google Cloud does not accept
├── ToolMissing          terraform or gcloud is not installed
├── NotLoggedIn          gcloud or Terraform has no credentials
├── ProjectUnknown       the Google Cloud project does not exist, or the logged-in user may not see it
├── BucketRefused        the bucket for Terraform's state cannot be used or created
├── NothingDeployed      --plan was given before the first deployment
├── KeySetElsewhere      --new-admin-key was given, but a file or the environment sets the key's hash
├── StateUnreadable      Terraform's state cannot be read
└── Unhealthy            the deployment is applied, but no tick succeeded in time
"""

from collections.abc import Iterable
from pathlib import Path

#: The Python that the functions are deployed with: `runtime` in infra/functions.tf.
PYTHON = "3.13"


class DeployError(Exception):
    """An archive or a deployment failed; `remedies` are further lines that say what to do."""

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
    """A path of --include cannot go into the archive."""

    def __init__(self, path: Path, *, reason: str, remedy: str) -> None:
        super().__init__(f"--include {path}: {reason}.", remedy)


class ModuleUnknown(DeployError):
    """A module of agents is in none of the folders that modules are imported from."""

    def __init__(self, module: str, *, folders: Iterable[Path]) -> None:
        super().__init__(
            f"There is no module {module} in {' or '.join(map(str, folders))}.",
            "Name it as Python imports it, such as acme.agents, in the folder that holds its package.",
            "If it is elsewhere: --include PATH, and its name in python_modules of terraform.tfvars.",
        )


class CannotHold(DeployError):
    """A file or folder cannot be stored in an archive."""

    def __init__(self, path: Path, *, reason: str) -> None:
        super().__init__(
            f"The archive cannot contain {path}: {reason}.", "Remove it, or replace it with a readable file."
        )


class RequirementsRefused(DeployError):
    """Pip could not install the agents' requirements together with Tock's own."""

    def __init__(self, place: str, *, reason: str, pins: Path) -> None:
        super().__init__(
            f"--requirements {place}: {reason}.",
            "Google's build runs one `pip install -r requirements.txt`: every requirement needs a hash, every name one "
            "version.",
            "Pin your requirements with Tock's pins as constraints, for the Python that Google Cloud runs:",
            f"  uv pip compile YOURS.in -c {pins} --generate-hashes --universal --python-version {PYTHON} -o YOURS.txt",
        )


class CannotWrite(DeployError):
    """The archive cannot be written to its path."""

    def __init__(self, path: Path, *, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}.", "Choose another path, or correct this one.")


class InfraMissing(DeployError):
    """A folder contains no Terraform files."""

    def __init__(self, infra: Path) -> None:
        super().__init__(
            f"There are no Terraform files in {infra}.",
            "Give a folder that contains some: --infra PATH. Without the option, Tock's own files are used.",
        )


class ValueMissing(DeployError):
    """A variable has no value, or a value that Google Cloud does not accept."""

    def __init__(self, option: str, *, problem: str, remedy: str) -> None:
        super().__init__(f"{option}: {problem}.", remedy)


class ToolMissing(DeployError):
    """Terraform or gcloud is not installed."""

    def __init__(self, program: str, *, remedy: str) -> None:
        super().__init__(f"{program} is not installed, or not on the PATH.", remedy)


class NotLoggedIn(DeployError):
    """Either gcloud or Terraform has no credentials."""

    def __init__(self, program: str, *, command: str, output: str) -> None:
        super().__init__(f"{program} has no credentials.", f"Log in: {command}", *_quoted(output))


class ProjectUnknown(DeployError):
    """The Google Cloud project does not exist, or the logged-in user may not see it."""

    def __init__(self, project: str, *, output: str) -> None:
        super().__init__(
            f"The Google Cloud project {project!r} does not exist, or you may not see it.",
            "List the projects that you may see: gcloud projects list",
            *_quoted(output),
        )


class BucketRefused(DeployError):
    """The bucket for Terraform's state cannot be used or created."""

    def __init__(self, bucket: str, *, reason: str, output: str = "") -> None:
        super().__init__(
            f"The bucket gs://{bucket} for Terraform's state {reason}.",
            "You need the role Storage Admin in the project. If the bucket's name is taken, choose another --name.",
            *_quoted(output),
        )


class NothingDeployed(DeployError):
    """The option --plan was given before the first deployment."""

    def __init__(self, name: str, *, project: str) -> None:
        super().__init__(
            f"There is no deployment {name!r} in {project} yet, so there is nothing to compare with.",
            "Leave out --plan: Terraform shows its plan and asks before it changes anything.",
        )


class KeySetElsewhere(DeployError):
    """The option --new-admin-key was given, but a file or the environment sets the key's hash."""

    def __init__(self, infra: Path) -> None:
        super().__init__(
            f"--new-admin-key: a variables file in {infra}, or TF_VAR_admin_key_hash, sets admin_key_hash.",
            "Remove it there, and `tock deploy` creates a key; or set another hash there, without --new-admin-key.",
        )


class StateUnreadable(DeployError):
    """Terraform's state cannot be read."""

    def __init__(self, *, output: str) -> None:
        super().__init__("Terraform's state cannot be read; nothing was changed.", *_quoted(output))


class Unhealthy(DeployError):
    """The deployment is applied, but no tick succeeded in time."""

    def __init__(self, url: str, *, waited: str, last: str) -> None:
        super().__init__(
            f"The deployment is applied, but no tick succeeded within {waited}; {url}/v1/health: {last}.",
            "The permissions of a new installation may take seven minutes to take effect: check the URL again.",
            "403 is expected if api_callers does not contain allUsers: deploy with --wait 0s.",
            "Otherwise read the logs of the function tick and of the Cloud Scheduler job.",
        )


def _quoted(output: str) -> Iterable[str]:
    return tuple(line for line in output.strip().splitlines() if line.strip())
