"""`tock deploy`: installs or upgrades Tock in Google Cloud."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from tock import packaged_files
from tock.cli.applying.sources import named_modules, named_sources
from tock.cli.commands.deployment.archive import (
    Extras,
    Include,
    Modules,
    Requirements,
    build,
    deploy_errors,
    print_archive,
    with_modules,
)
from tock.cli.errors import UsageError
from tock.cli.input.confirmation import Yes
from tock.cli.input.when import length_option
from tock.cli.output.printing import say
from tock.cli.output.progress import waiting
from tock.deploy.admin_key import AdminKey
from tock.deploy.agent_modules import allowed
from tock.deploy.errors import KeySetElsewhere, NothingDeployed, StateUnreadable
from tock.deploy.gcloud import Gcloud
from tock.deploy.health import await_tick
from tock.deploy.infra_folder import InfraFolder
from tock.deploy.terraform import Terraform, archive_path
from tock.deploy.terraform_variables import Installation, assigned

ARCHIVE = Path(".tock/tock.zip")
#: The folder to which Tock's own Terraform files are copied, and where they run, if there is no `infra` folder.
TERRAFORM = Path(".tock/infra")
#: The Terraform variable and output with the admin key's SHA-256.
HASH = "admin_key_hash"
#: The Terraform variable with the modules that this deployment was given.
MODULES = "deployed_modules"


def deploy(
    modules: Modules = None,
    project: Annotated[
        str | None,
        typer.Option(help="The Google Cloud project's id. Default: that of terraform.tfvars.", show_default=False),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="The region of functions and queues. Default: that of terraform.tfvars, or europe-west1."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="The prefix of every resource's name. Default: that of terraform.tfvars, or tock."),
    ] = None,
    infra: Annotated[
        Path | None,
        typer.Option(
            help="The folder with Terraform files and your terraform.tfvars. Default: `infra` in this folder if it "
            "exists, otherwise Tock's own files with this folder's terraform.tfvars.",
            show_default=False,
        ),
    ] = None,
    include: Include = None,
    requirements: Requirements = None,
    extra: Extras = None,
    wait: Annotated[
        timedelta,
        typer.Option(
            parser=length_option,
            metavar="LENGTH",
            help="How long to wait for a tick to succeed; 0s does not wait.",
            show_default="5m",
        ),
    ] = timedelta(minutes=5),
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would change. Default: change it.")] = False,
    yes: Yes = False,
    new_admin_key: Annotated[
        bool, typer.Option("--new-admin-key", help="Replace the admin key and show the new one. Default: keep it.")
    ] = False,
) -> None:
    """Install or upgrade Tock in a Google Cloud project. Options that terraform.tfvars sets can be omitted.

    1. Build the source archive.
    2. Create the bucket for Terraform's state, unless it exists.
    3. Apply Terraform; the first time, create an admin key and show it.
    4. Wait until a tick succeeds.

    Example: tock deploy acme.agents --requirements requirements.txt
    """
    if not (plan or yes or sys.stdin.isatty()):
        raise UsageError(
            "Standard input is not a terminal, so nobody can approve the changes.",
            details=("Apply them without asking: --yes. Only show them: --plan.",),
        )
    deployed_modules = named_modules(modules)
    with deploy_errors():
        folder = InfraFolder.find(infra, here=Path(), shipped=packaged_files.terraform(), work=TERRAFORM)
        installation = Installation.named(project=project, region=region, name=name, infra=folder.path)
        terraform, gcloud = Terraform.found(folder.path), Gcloud.found()
        paths = with_modules(include, modules=deployed_modules)
        built = build(ARCHIVE, include=paths, requirements=requirements, extras=extra)
        print_archive(built)
        _prepare_state(installation, gcloud=gcloud, plan=plan)
        _require_success("init", terraform.init(bucket=installation.state_bucket))
        folder.keep_lock()
        deployed = terraform.outputs()
        preset = HASH in assigned(folder.path)
        key = _new_key(deployed, preset=preset, replace=new_admin_key, infra=folder.path)
        variables = {
            "project": installation.project,
            "region": installation.region,
            "name": installation.name,
            "source_archive": archive_path(built.path, infra=folder.path),
            **_hash_variable(deployed, key=key, preset=preset),
            **_modules_variable(deployed_modules),
        }
        if plan:
            _require_success("plan", terraform.plan(variables))
            return
        code = terraform.apply(variables, approved=yes)
        if key is not None and (code == 0 or _is_stored(key, terraform)):
            _print_key(key, applied=code == 0)
        _require_success("apply", code)
        _print_next_steps(terraform, wait=wait, new_key=key is not None, definitions=modules)


def _modules_variable(modules: Sequence[str]) -> Mapping[str, str]:
    return {MODULES: json.dumps(allowed(modules))} if modules else {}


def _prepare_state(installation: Installation, *, gcloud: Gcloud, plan: bool) -> None:
    bucket = installation.state_bucket
    gcloud.require_logins()
    number = gcloud.project_number(installation.project)
    if gcloud.has_bucket(bucket, number=number):
        return
    if plan:
        raise NothingDeployed(installation.name, project=installation.project)
    say(f"Creating a bucket for Terraform's state: gs://{bucket}")
    gcloud.create_bucket(bucket, project=installation.project, region=installation.region)


def _new_key(deployed: Mapping[str, Any], *, preset: bool, replace: bool, infra: Path) -> AdminKey | None:
    """Return a new admin key if there is none or it is to be replaced; None if the current key stays.

    `preset`: a variables file or the environment sets the key's hash.
    """
    if preset and replace:
        raise KeySetElsewhere(infra)
    if preset or (deployed.get(HASH) and not replace):
        return None
    return AdminKey.new()


def _hash_variable(deployed: Mapping[str, Any], *, key: AdminKey | None, preset: bool) -> Mapping[str, str]:
    if preset:
        return {}
    return {HASH: str(deployed[HASH]) if key is None else key.hash}


def _is_stored(key: AdminKey, terraform: Terraform) -> bool:
    """Whether a failed apply has stored the key's hash in Terraform's state, so that the next deployment uses it.

    If the state cannot be read, this returns True: a key that may be in use must be shown.
    """
    try:
        return bool(terraform.outputs().get(HASH) == key.hash)
    except StateUnreadable:
        return True


def _require_success(verb: str, code: int) -> None:
    if code:
        error = Console(stderr=True)
        error.print(f"Error: terraform {verb} ended with exit code {code}.", style="bold red", markup=False)
        raise typer.Exit(code)


def _print_key(key: AdminKey, *, applied: bool) -> None:
    when = "" if applied else " as soon as a deployment succeeds"
    say(f"\nThe admin key opens every project{when}. It is shown only now; Tock stores only its SHA-256:\n")
    say(f"  export TOCK_KEY={key.text}\n")


def _print_next_steps(
    terraform: Terraform, *, wait: timedelta, new_key: bool, definitions: Sequence[str] | None
) -> None:
    """Wait for a tick to succeed, unless `wait` is zero, and print what to do next."""
    url = str(terraform.outputs().get("url", "")).rstrip("/")
    if wait:
        say(f"Waiting for a tick to succeed: {url}/v1/health")
        with waiting("Waiting"):
            await_tick(url, timeout=wait)
    say(f"Tock is deployed{' and ticks' if wait else ''}. What next:\n\n  export TOCK_SERVER={url}")
    if not new_key:
        say("  export TOCK_KEY=...    # the admin key as before; if it is lost: tock deploy --new-admin-key")
    say("  tock projects create demo")
    if definitions or named_sources(None):
        say(f"  {' '.join(('tock --project demo apply', *(definitions or ())))}    # creates what they define")
