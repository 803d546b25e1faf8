"""What a deployment asks of gcloud before Terraform can begin: who is there, the project, a bucket for the state."""

import os
import shutil
import subprocess
from dataclasses import dataclass

from tock.deploy.errors import BucketRefused, NotLoggedIn, ProjectUnknown, ToolMissing

#: What Terraform calls before it can switch on anything else.
APIS = ("cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com", "storage.googleapis.com")
#: Credentials that Terraform takes before the application default ones.
_OTHER_CREDENTIALS = ("GOOGLE_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN")


@dataclass(frozen=True, slots=True)
class Gcloud:
    """The gcloud of the person at the terminal."""

    program: str

    @classmethod
    def found(cls) -> "Gcloud":
        """Return the one on the PATH. Raises ToolMissing."""
        program = shutil.which("gcloud")
        if program is None:
            raise ToolMissing(
                "gcloud", remedy="Install the Google Cloud CLI: https://cloud.google.com/sdk/docs/install"
            )
        return cls(program)

    def require_logins(self) -> None:
        """Raise NotLoggedIn unless gcloud itself and Terraform, which has credentials of its own, can log in."""
        self._require_login("gcloud", "auth")
        if not any(os.environ.get(variable) for variable in _OTHER_CREDENTIALS):
            self._require_login("Terraform", "auth", "application-default")

    def project_number(self, project: str) -> str:
        """Return the number of a project. Raises ProjectUnknown."""
        answer = self._call("projects", "describe", project, "--format=value(projectNumber)")
        if answer.returncode or not answer.stdout.strip():
            raise ProjectUnknown(project, said=answer.stderr)
        return answer.stdout.strip()

    def has_bucket(self, bucket: str, *, number: str) -> bool:
        """Return whether the bucket is there and keeps old versions of the state; switches that on if need be.

        Names of buckets are everybody's: one that belongs to another project would hand the state to strangers.

        Raises:
            BucketRefused: it belongs to another project than `number`, or cannot be set up.
        """
        told = "--format=value(projectNumber,versioning.enabled)"
        answer = self._call("storage", "buckets", "describe", f"gs://{bucket}", "--raw", told)
        if answer.returncode:
            return False
        owner, _, versioned = answer.stdout.strip().partition("\t")
        if owner != number:
            raise BucketRefused(bucket, reason=f"belongs to project number {owner}, not to {number}")
        if versioned.lower() != "true":
            self._keep_versions(bucket)
        return True

    def create_bucket(self, bucket: str, *, project: str, region: str) -> None:
        """Create the private bucket that keeps every version of the state. Raises BucketRefused."""
        enabled = self._call("services", "enable", *APIS, f"--project={project}")
        if enabled.returncode:
            raise BucketRefused(bucket, reason=f"needs {', '.join(APIS)}", said=enabled.stderr)
        made = self._call(
            *("storage", "buckets", "create", f"gs://{bucket}", f"--project={project}", f"--location={region}"),
            *("--uniform-bucket-level-access", "--public-access-prevention"),
        )
        if made.returncode:
            raise BucketRefused(bucket, reason="cannot be created", said=made.stderr)
        self._keep_versions(bucket)

    def _keep_versions(self, bucket: str) -> None:
        answer = self._call("storage", "buckets", "update", f"gs://{bucket}", "--versioning")
        if answer.returncode:
            raise BucketRefused(bucket, reason="does not keep old versions", said=answer.stderr)

    def _require_login(self, who: str, *words: str) -> None:
        answer = self._call(*words, "print-access-token")
        if answer.returncode:
            raise NotLoggedIn(who, command=" ".join(("gcloud", *words, "login")), said=answer.stderr)

    def _call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call gcloud, which is never to ask back."""
        return subprocess.run(  # noqa: S603 - the executable is the user's own gcloud
            [self.program, *words, "--quiet"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
