"""`tock archive` and `tock deploy`: Tock as it goes to Google Cloud, and its way there."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from tock import distribution
from tock.cli.client import CommandError
from tock.cli.tables import console
from tock.core.time import duration_from_text
from tock.deploy.admin_key import AdminKey
from tock.deploy.archive import Archive, Source, build_archive
from tock.deploy.errors import DeployError, KeySetElsewhere, NothingDeployed, StateUnreadable
from tock.deploy.gcloud import Gcloud
from tock.deploy.health import await_tick
from tock.deploy.infra_folder import InfraFolder
from tock.deploy.terraform import Terraform, archive_path
from tock.deploy.variables import Installation, assigned

ARCHIVE = Path(".tock/tock.zip")
#: Where Tock's own Terraform files are copied to and run, in a folder that has no `infra`.
TERRAFORM = Path(".tock/infra")
#: Terraform's variable and output of the admin key's SHA-256.
HASH = "admin_key_hash"

Include = Annotated[
    list[Path] | None,
    typer.Option(help="A package's folder or a module's file with agents of yours; repeat it for more."),
]
Requirements = Annotated[
    Path | None,
    typer.Option(
        help="What your agents need, as a requirements file: pinned with hashes, in agreement with Tock's own pins. "
        "Google's build installs all with one `pip install -r requirements.txt`, so it is all or nothing."
    ),
]


def _length(text: str | timedelta) -> timedelta:
    try:
        return text if isinstance(text, timedelta) else duration_from_text(text)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc


def archive(
    output: Annotated[Path, typer.Option(help="The zip file to write.")] = Path("tock.zip"),
    include: Include = None,
    requirements: Requirements = None,
) -> None:
    """Build the source of all five functions, as it is deployed: the same content gives the same bytes."""
    with _sentences():
        _tell(_built(output, include=include, requirements=requirements))


def deploy(
    project: Annotated[str | None, typer.Option(help="The Google Cloud project's id.", show_default=False)] = None,
    region: Annotated[str | None, typer.Option(help="Where it runs: europe-west1 unless said.")] = None,
    name: Annotated[str | None, typer.Option(help="What its resources' names begin with: tock unless said.")] = None,
    infra: Annotated[
        Path | None,
        typer.Option(
            help="The folder with Terraform files and your terraform.tfvars. Default: `infra` in this folder, if there "
            "is one; else Tock's own files with the terraform.tfvars of this folder.",
            show_default=False,
        ),
    ] = None,
    include: Include = None,
    requirements: Requirements = None,
    wait: Annotated[
        timedelta,
        typer.Option(
            parser=_length,
            metavar="DURATION",
            help="How long to wait for a tick to succeed; 0s: not.",
            show_default="5m",
        ),
    ] = timedelta(minutes=5),
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Change it without asking.")] = False,
    new_admin_key: Annotated[bool, typer.Option("--new-admin-key", help="Replace the admin key.")] = False,
) -> None:
    """Install or upgrade Tock in a Google Cloud project. Options that terraform.tfvars sets can be omitted.

    1. Build the source archive. 2. Make sure of a bucket for Terraform's state. 3. Apply Terraform, with an admin key
    if there is none. 4. Wait until it ticks.
    """
    if not (plan or yes or sys.stdin.isatty()):
        raise CommandError("Nobody can be asked here.", details=("Change it without asking: --yes. See it: --plan.",))
    with _sentences():
        folder = InfraFolder.find(infra, here=Path(), shipped=distribution.terraform(), work=TERRAFORM)
        installation = Installation.named(project=project, region=region, name=name, infra=folder.path)
        terraform, gcloud = Terraform.found(folder.path), Gcloud.found()
        built = _built(ARCHIVE, include=include, requirements=requirements)
        _tell(built)
        _prepare_state(installation, gcloud=gcloud, plan=plan)
        _succeed("init", terraform.init(bucket=installation.state_bucket))
        folder.keep_lock()
        deployed = terraform.outputs()
        key = _key(deployed, elsewhere=HASH in assigned(folder.path), wanted=new_admin_key, infra=folder.path)
        variables = {
            "project": installation.project,
            "region": installation.region,
            "name": installation.name,
            "source_archive": archive_path(built.path, infra=folder.path),
            **_hash(deployed, key=key, elsewhere=HASH in assigned(folder.path)),
        }
        if plan:
            _succeed("plan", terraform.plan(variables))
            return
        code = terraform.apply(variables, approved=yes)
        if key is not None and (code == 0 or _holds(key, terraform)):
            _show(key, applied=code == 0)
        _succeed("apply", code)
        _arrive(terraform, wait=wait, new_key=key is not None)


def _built(output: Path, *, include: list[Path] | None, requirements: Path | None) -> Archive:
    source = Source(
        entry_module=distribution.entry_module(),
        requirements=distribution.pinned_requirements(),
        package=distribution.PACKAGE,
    )
    return build_archive(output, source=source, include=include or (), requirements=requirements)


def _prepare_state(installation: Installation, *, gcloud: Gcloud, plan: bool) -> None:
    bucket = installation.state_bucket
    gcloud.require_logins()
    number = gcloud.project_number(installation.project)
    if gcloud.has_bucket(bucket, number=number):
        return
    if plan:
        raise NothingDeployed(installation.name, project=installation.project)
    _say(f"Terraform's state goes to a new bucket: gs://{bucket}")
    gcloud.create_bucket(bucket, project=installation.project, region=installation.region)


def _key(deployed: Mapping[str, Any], *, elsewhere: bool, wanted: bool, infra: Path) -> AdminKey | None:
    """A new key where there is none or another is wanted; None where the present one stays."""
    if elsewhere and wanted:
        raise KeySetElsewhere(infra)
    if elsewhere or (deployed.get(HASH) and not wanted):
        return None
    return AdminKey.new()


def _hash(deployed: Mapping[str, Any], *, key: AdminKey | None, elsewhere: bool) -> Mapping[str, str]:
    if elsewhere:
        return {}
    return {HASH: str(deployed[HASH]) if key is None else key.hash}


def _holds(key: AdminKey, terraform: Terraform) -> bool:
    """Whether a deployment that failed has written the key's hash down, so that the next one keeps it."""
    try:
        return bool(terraform.outputs().get(HASH) == key.hash)
    except StateUnreadable:
        return True


def _succeed(verb: str, code: int) -> None:
    if code:
        error = Console(stderr=True)
        error.print(f"Error: terraform {verb} ended with exit code {code}.", style="bold red", markup=False)
        raise typer.Exit(code)


def _show(key: AdminKey, *, applied: bool) -> None:
    when = "" if applied else " as soon as a deployment goes through"
    _say(f"\nThe admin key opens every project{when}. It is shown this once; only its SHA-256 is kept:\n")
    _say(f"  export TOCK_KEY={key.text}\n")


def _arrive(terraform: Terraform, *, wait: timedelta, new_key: bool) -> None:
    url = str(terraform.outputs().get("url", "")).rstrip("/")
    if wait:
        _say(f"Waiting for a tick to succeed: {url}/v1/health")
        await_tick(url, patience=wait)
    _say(f"Tock is deployed{' and ticks' if wait else ''}. What next:\n\n  export TOCK_SERVER={url}")
    if not new_key:
        _say("  export TOCK_KEY=...    # the admin key as before; if it is lost: tock deploy --new-admin-key")
    _say("  tock projects create demo")


def _tell(built: Archive) -> None:
    _say(f"{built.path}: {len(built.names)} files, {built.size:,} bytes, sha256 {built.sha256}")


def _say(text: str) -> None:
    console().print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _sentences() -> Iterator[None]:
    """Let what a person can mend reach them as a sentence."""
    try:
        yield
    except DeployError as exc:
        raise CommandError(str(exc), details=exc.remedies) from exc
