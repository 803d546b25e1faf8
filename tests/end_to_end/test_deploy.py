"""`tock deploy`: its calls of gcloud and Terraform, its output, and what it keeps."""

import hashlib
import json
import re
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from documentation.pages import codes
from end_to_end.deployer import BUCKET, NUMBER, PROJECT, ROOT, Deployer, served, ticking
from tock.deploy.archive import Source, build_archive

PRESENT = "f" * 64


@pytest.fixture
def deployer(tmp_path: Path) -> Iterator[Deployer]:
    """A folder from which nothing was deployed yet."""
    with served(ticking()) as url:
        yield Deployer.create(tmp_path, url=url)


@pytest.fixture
def deployed(deployer: Deployer) -> Deployer:
    """A folder from which Tock was deployed, its admin key known to somebody else."""
    url = deployer.cloud()["url"]
    deployer.cloud(buckets={BUCKET: [NUMBER, "True"]}, state={BUCKET: {"admin_key_hash": PRESENT, "url": url}})
    return deployer


def test_the_first_deployment_makes_bucket_key_and_archive_and_says_what_next(deployer: Deployer) -> None:
    done = deployer.deploy()

    assert (done.code, done.error) == (0, "")
    assert [(call["tool"], call["words"]) for call in deployer.calls()] == [
        ("gcloud", ["auth", "print-access-token", "--quiet"]),
        ("gcloud", ["auth", "application-default", "print-access-token", "--quiet"]),
        ("gcloud", ["projects", "describe", PROJECT, "--format=value(projectNumber)", "--quiet"]),
        (
            "gcloud",
            [
                *("storage", "buckets", "describe", BUCKET, "--raw"),
                *("--format=value(projectNumber,versioning.enabled)", "--quiet"),
            ],
        ),
        (
            "gcloud",
            [
                *("services", "enable", "cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com"),
                *("storage.googleapis.com", f"--project={PROJECT}", "--quiet"),
            ],
        ),
        (
            "gcloud",
            [
                *("storage", "buckets", "create", BUCKET, f"--project={PROJECT}", "--location=europe-west1"),
                *("--uniform-bucket-level-access", "--public-access-prevention", "--quiet"),
            ],
        ),
        ("gcloud", ["storage", "buckets", "update", BUCKET, "--versioning", "--quiet"]),
        (
            "terraform",
            [
                *("-chdir=infra", "init", "-input=false", "-reconfigure"),
                f"-backend-config=bucket={BUCKET.removeprefix('gs://')}",
            ],
        ),
        ("terraform", ["-chdir=infra", "output", "-json"]),
        (
            "terraform",
            [
                *("-chdir=infra", "apply", "-input=false", "-auto-approve"),
                *("-var", f"project={PROJECT}", "-var", "region=europe-west1", "-var", "name=tock"),
                *("-var", "source_archive=../.tock/tock.zip"),
                *("-var", f"admin_key_hash={hashlib.sha256((done.key or '').encode()).hexdigest()}"),
            ],
        ),
        ("terraform", ["-chdir=infra", "output", "-json"]),
    ]
    built = build_archive(deployer.folder / "expected.zip", source=Source.below(ROOT / "functions"))
    assert (deployer.folder / ".tock" / "tock.zip").read_bytes() == built.path.read_bytes()
    assert built.sha256 in done.out
    assert "Terraform's own words on apply" in done.out
    assert done.out.endswith(
        f"Tock is deployed and ticks. What next:\n\n  export TOCK_SERVER={deployer.cloud()['url']}\n"
        "  tock projects create demo\n"
    )


@pytest.mark.slow
def test_the_admin_key_is_shown_once_and_is_nowhere_else(deployer: Deployer) -> None:
    done = deployer.deploy()

    key = done.key
    assert key is not None
    assert len(key) >= len("tock-admin-") + 43  # 256 random bits, six to a letter
    assert (done.out + done.error).count(key) == 1
    files = {path: path.read_bytes() for path in deployer.folder.rglob("*") if path.is_file()}
    assert {Path(path).name for path in files} >= {"calls.jsonl", "cloud.json", "tock.zip"}
    assert [path for path, content in files.items() if key.encode() in content] == []
    assert hashlib.sha256(key.encode()).hexdigest() in (deployer.folder / "calls.jsonl").read_text()


@pytest.mark.slow
def test_two_installations_have_two_keys(deployer: Deployer) -> None:
    first = deployer.deploy()
    second = deployer.deploy("--name", "other", "--region", "us-central1")

    assert (first.code, second.code) == (0, 0)
    assert None not in {first.key, second.key}
    assert first.key != second.key
    assert set(deployer.cloud()["state"]) == {BUCKET, f"gs://{PROJECT}-other-terraform"}
    assert deployer.variables()["name"] == "other"
    assert "--location=us-central1" in deployer.called("gcloud", "create")[-1]


@pytest.mark.slow
def test_the_modules_of_agents_are_in_the_archive_and_may_be_named(deployed: Deployer) -> None:
    (deployed.folder / "acme").mkdir()
    (deployed.folder / "acme" / "agents.py").write_text("async def hello(run): ...\n")
    (deployed.folder / "requirements.txt").write_text(f"solo==1 --hash=sha256:{'0' * 64}\n")
    written = shlex.split(codes("docs/guides/deploying.md", "shell")[0])
    assert written[:2] == ["tock", "deploy"]

    done = deployed.deploy(*written[2:], project=None)

    assert (done.code, done.error) == (0, "")
    assert json.loads(deployed.variables()["deployed_modules"]) == ["acme.agents", "acme.agents.*"]
    with zipfile.ZipFile(deployed.folder / ".tock" / "tock.zip") as archive:
        assert archive.read("acme/agents.py") == b"async def hello(run): ...\n"
        assert b"solo==1" in archive.read("requirements.txt")
    assert done.out.endswith("  tock --project demo apply acme.agents    # creates what they define\n")


@pytest.mark.slow
def test_the_modules_of_tock_toml_are_deployed_like_named_ones(deployed: Deployer) -> None:
    (deployed.folder / "agents.py").write_text("async def hello(run): ...\n")
    (deployed.folder / "tock.toml").write_text('definitions = ["agents", "tock.yaml"]\n')

    done = deployed.deploy()

    assert (done.code, done.error) == (0, "")
    assert json.loads(deployed.variables()["deployed_modules"]) == ["agents", "agents.*"]
    with zipfile.ZipFile(deployed.folder / ".tock" / "tock.zip") as archive:
        assert archive.read("agents.py") == b"async def hello(run): ...\n"
    assert done.out.endswith("  tock projects create demo\n  tock --project demo apply    # creates what they define\n")


def test_a_module_of_agents_that_is_not_there_is_said_before_anything_is_done(deployed: Deployer) -> None:
    done = deployed.deploy("acme.agnets")

    assert done.code == 1
    assert done.error.splitlines()[0].startswith("Error: There is no module acme.agnets in ")
    assert deployed.called("terraform", "apply") == []


@pytest.mark.slow
def test_a_later_deployment_keeps_the_key_and_the_bucket(deployed: Deployer) -> None:
    done = deployed.deploy()

    assert (done.code, done.error, done.key) == (0, "", None)
    assert deployed.variables()["admin_key_hash"] == PRESENT
    assert [deployed.called("gcloud", verb) for verb in ("create", "update", "enable")] == [[], [], []]
    assert "export TOCK_KEY=...    # the admin key as before" in done.out


@pytest.mark.slow
def test_a_new_key_takes_the_place_of_the_old_one(deployed: Deployer) -> None:
    done = deployed.deploy("--new-admin-key")

    assert done.code == 0
    assert done.key is not None
    assert deployed.variables()["admin_key_hash"] == hashlib.sha256(done.key.encode()).hexdigest() != PRESENT


@pytest.mark.slow
def test_a_key_whose_hash_a_file_sets_is_left_to_the_file(deployed: Deployer) -> None:
    (deployed.folder / "infra" / "terraform.tfvars").write_text(f'admin_key_hash = "{PRESENT}"\n')

    kept = deployed.deploy()
    refused = deployed.deploy("--new-admin-key")

    assert (kept.code, kept.key, "admin_key_hash" in deployed.variables()) == (0, None, False)
    assert (refused.code, refused.key) == (1, None)
    assert "sets admin_key_hash" in refused.error
    assert len(deployed.called("terraform", "apply")) == 1


def test_a_plan_changes_nothing(deployed: Deployer) -> None:
    before = deployed.cloud()

    done = deployed.deploy("--plan", yes=False)

    assert (done.code, done.error, done.key) == (0, "", None)
    assert deployed.called("terraform", "apply") == []
    assert deployed.variables("plan")["admin_key_hash"] == PRESENT
    assert deployed.cloud() == before | {"backend": BUCKET}
    assert "Terraform's own words on plan" in done.out
    assert "deployed" not in done.out


def test_a_plan_before_the_first_deployment_creates_no_bucket(deployer: Deployer) -> None:
    done = deployer.deploy("--plan")

    assert done.code == 1
    assert "There is no deployment 'tock' in my-project yet" in done.error
    assert deployer.cloud()["buckets"] == {}
    assert deployer.called("terraform", "init") == []


@pytest.mark.slow
def test_what_is_to_come_along_is_in_the_archive(deployed: Deployer) -> None:
    (deployed.folder / "acme").mkdir()
    (deployed.folder / "acme" / "agents.py").touch()
    (deployed.folder / "acme.txt").write_text(f"solo==1 --hash=sha256:{'0' * 64}\n")

    done = deployed.deploy("--include", "acme", "--requirements", "acme.txt")

    archive = (deployed.folder / ".tock" / "tock.zip").read_bytes()
    assert done.code == 0
    assert b"acme/agents.py" in archive
    assert b"solo==1 \\\n    --hash=sha256:" in archive


@pytest.mark.slow
def test_at_a_terminal_terraform_asks_for_approval_itself(deployed: Deployer) -> None:
    done = deployed.deploy_at_a_terminal()

    assert (done.code, done.error) == (0, "")
    [words] = deployed.called("terraform", "apply")
    assert words[:3] == ["-chdir=infra", "apply", "-var"]


def test_where_nobody_can_be_asked_approval_must_be_given(deployed: Deployer) -> None:
    done = deployed.deploy(yes=False)

    assert (done.code, deployed.calls()) == (2, [])
    assert "nobody can approve the changes" in done.error
    assert "--yes" in done.error


def test_the_names_are_those_of_terraform() -> None:
    infra = "\n".join(file.read_text() for file in sorted((ROOT / "infra").glob("*.tf")))
    blocks = dict(re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', infra, re.MULTILINE | re.DOTALL))
    defaults = {name: re.findall(r'^  default += "(.*)"$', body, re.MULTILINE) for name, body in blocks.items()}

    assert {"project", "region", "name", "source_archive", "admin_key_hash"} <= set(blocks)
    assert (defaults["region"], defaults["name"]) == (["europe-west1"], ["tock"])
    assert {"url", "admin_key_hash"} <= set(re.findall(r'^output "(\w+)"', infra, re.MULTILINE))
    assert re.search(r'^  backend "gcs" \{', infra, re.MULTILINE)
