"""Calls gcloud before Terraform runs: checks the logins and the project, and creates the bucket for the state."""

import os
import shutil
import subprocess
from dataclasses import dataclass

from tock.deploy.errors import BucketRefused, NotLoggedIn, ProjectUnknown, ToolMissing

#: The APIs that Terraform calls before it can enable any API.
APIS = ("cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com", "storage.googleapis.com")
#: Environment variables whose credentials Terraform prefers to the application default credentials.
_OTHER_CREDENTIALS = ("GOOGLE_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN")


@dataclass(frozen=True, slots=True)
class Gcloud:
    """The gcloud program of the user."""

    program: str

    @classmethod
    def found(cls) -> "Gcloud":
        """Return the gcloud on the PATH. Raises ToolMissing."""
        program = shutil.which("gcloud")
        if program is None:
            raise ToolMissing(
                "gcloud", remedy="Install the Google Cloud CLI: https://cloud.google.com/sdk/docs/install"
            )
        return cls(program)

    def require_logins(self) -> None:
        """Raise NotLoggedIn unless both gcloud and Terraform have credentials: each uses its own."""
        self._require_login("gcloud", "auth")
        if not any(os.environ.get(variable) for variable in _OTHER_CREDENTIALS):
            self._require_login("Terraform", "auth", "application-default")

    def project_number(self, project: str) -> str:
        """Return the number of a project. Raises ProjectUnknown."""
        answer = self.call("projects", "describe", project, "--format=value(projectNumber)")
        if answer.returncode or not answer.stdout.strip():
            raise ProjectUnknown(project, output=answer.stderr)
        return answer.stdout.strip()

    def has_bucket(self, bucket: str, *, number: str) -> bool:
        """Return whether the bucket exists; if it does, make sure that it keeps old versions of the state.

        Bucket names are global, so a bucket of this name may belong to somebody else's project, who could then read
        the state.

        Raises:
            BucketRefused: the bucket belongs to another project than `number`, or its versioning cannot be enabled.
        """
        fields = "--format=value(projectNumber,versioning.enabled)"
        answer = self.call("storage", "buckets", "describe", f"gs://{bucket}", "--raw", fields)
        if answer.returncode:
            return False
        owner, _, versioned = answer.stdout.strip().partition("\t")
        if owner != number:
            raise BucketRefused(bucket, reason=f"belongs to project number {owner}, not to {number}")
        if versioned.lower() != "true":
            self._keep_versions(bucket)
        return True

    def create_bucket(self, bucket: str, *, project: str, region: str) -> None:
        """Create a private bucket that keeps every version of the state. Raises BucketRefused."""
        enabled = self.call("services", "enable", *APIS, f"--project={project}")
        if enabled.returncode:
            reason = f"needs APIs that cannot be enabled: {', '.join(APIS)}"
            raise BucketRefused(bucket, reason=reason, output=enabled.stderr)
        made = self.call(
            *("storage", "buckets", "create", f"gs://{bucket}", f"--project={project}", f"--location={region}"),
            *("--uniform-bucket-level-access", "--public-access-prevention"),
        )
        if made.returncode:
            raise BucketRefused(bucket, reason="cannot be created", output=made.stderr)
        self._keep_versions(bucket)

    def call(self, *words: str, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
        """Call gcloud without prompts, and return its exit code and output.

        Raises subprocess.TimeoutExpired if that takes longer than `timeout`, in seconds.
        """
        return subprocess.run(  # noqa: S603 - the executable is the user's own gcloud
            [self.program, *words, "--quiet"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout,
        )

    def _keep_versions(self, bucket: str) -> None:
        answer = self.call("storage", "buckets", "update", f"gs://{bucket}", "--versioning")
        if answer.returncode:
            raise BucketRefused(bucket, reason="cannot be made to keep old versions", output=answer.stderr)

    def _require_login(self, program: str, *words: str) -> None:
        answer = self.call(*words, "print-access-token")
        if answer.returncode:
            raise NotLoggedIn(program, command=" ".join(("gcloud", *words, "login")), output=answer.stderr)
