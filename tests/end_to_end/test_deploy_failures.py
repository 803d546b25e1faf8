"""`tock deploy` when something is missing, refused or broken: a message, a remedy, an exit code, no false success."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from end_to_end.deployer import BUCKET, NUMBER, Deployer, Done, served, ticking


@pytest.fixture
def deployer(tmp_path: Path) -> Iterator[Deployer]:
    """A folder from which nothing was deployed yet."""
    with served(ticking()) as url:
        yield Deployer.create(tmp_path, url=url)


def _claims_nothing(done: Done) -> bool:
    return not any(word in done.out for word in ("is deployed", "What next", "TOCK_SERVER"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "remedy"), [("terraform", "Install Terraform 1.11"), ("gcloud", "Install the Google Cloud CLI")]
)
def test_a_program_that_is_missing_is_named_before_anything_happens(
    deployer: Deployer, program: str, remedy: str
) -> None:
    (deployer.folder / "bin" / program).unlink()

    done = deployer.deploy()

    assert (done.code, deployer.calls()) == (1, [])
    assert f"{program} is not installed" in done.error
    assert remedy in done.error
    assert not (deployer.folder / ".tock").exists()


REFUSALS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "gcloud is not logged in": (
        {"gcloud": False},
        ("gcloud has no credentials", "Log in: gcloud auth login", "There are no credentials."),
    ),
    "Terraform has no credentials": (
        {"default": False},
        ("Terraform has no credentials", "gcloud auth application-default login", "There are no credentials."),
    ),
    "no such project": (
        {"projects": {"another": "1"}},
        ("project 'my-project' does not exist", "gcloud projects list", "[my-project] may not exist"),
    ),
    "the APIs cannot be enabled": (
        {"enable": False},
        ("cloudresourcemanager.googleapis.com", "You may not enable services."),
    ),
    "the bucket's name is taken": (
        {"taken": [BUCKET]},
        (f"The bucket {BUCKET} for Terraform's state cannot be created", "another --name", "name is not available"),
    ),
    "the bucket is a stranger's": (
        {"buckets": {BUCKET: ["999", "True"]}},
        (f"{BUCKET} for Terraform's state belongs to project number 999, not to {NUMBER}",),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("cloud", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_ends_it_before_terraform_begins(
    deployer: Deployer, cloud: dict[str, Any], words: tuple[str, ...]
) -> None:
    deployer.cloud(**cloud)

    done = deployer.deploy()

    assert done.code == 1
    assert [part for part in words if part not in done.error] == []
    assert "Traceback" not in done.error
    assert [call for call in deployer.calls() if call["tool"] == "terraform"] == []
    assert _claims_nothing(done)
    assert done.key is None


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["GOOGLE_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN"])
def test_other_credentials_of_terraform_are_enough(deployer: Deployer, variable: str) -> None:
    deployer.cloud(default=False)

    done = deployer.deploy(variable=variable)

    assert (done.code, done.error) == (0, "")


@pytest.mark.slow
def test_a_bucket_that_forgets_is_made_to_keep_old_versions(deployer: Deployer) -> None:
    deployer.cloud(buckets={BUCKET: [NUMBER, ""]})

    done = deployer.deploy()

    assert done.code == 0
    assert deployer.cloud()["buckets"] == {BUCKET: [NUMBER, "True"]}
    assert deployer.called("gcloud", "create") == []


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["init", "apply", "plan"])
def test_the_exit_code_of_terraform_is_passed_on_and_no_success_is_claimed(deployer: Deployer, verb: str) -> None:
    deployer.cloud(buckets={BUCKET: [NUMBER, "True"]}, exit={verb: 7})

    done = deployer.deploy(*(["--plan"] if verb == "plan" else []))

    assert done.code == 7
    assert f"terraform {verb} ended with exit code 7" in done.error
    assert _claims_nothing(done)
    assert done.key is None


@pytest.mark.slow
def test_a_key_that_a_failed_deployment_wrote_down_is_shown_all_the_same(deployer: Deployer) -> None:
    deployer.cloud(exit={"apply": 1}, partial=True)

    failed = deployer.deploy()
    deployer.cloud(exit={})
    again = deployer.deploy()

    assert (failed.code, again.code) == (1, 0)
    assert failed.key is not None
    assert "as soon as a deployment succeeds" in failed.out
    assert _claims_nothing(failed)
    assert again.key is None


def test_a_state_that_cannot_be_read_makes_no_new_key(deployer: Deployer) -> None:
    deployer.cloud(buckets={BUCKET: [NUMBER, "True"]}, exit={"output": 1})

    done = deployer.deploy()

    assert (done.code, done.key) == (1, None)
    assert "Terraform's state cannot be read; nothing was changed." in done.error
    assert deployer.called("terraform", "apply") == []


@pytest.mark.slow
def test_after_ctrl_c_terraform_is_waited_for(deployer: Deployer) -> None:
    deployer.cloud(waits=True)

    done = deployer.interrupt()

    assert (deployer.folder / "written").exists()
    assert done.code == 1
    assert "terraform apply ended with exit code 1" in done.error
    assert "Traceback" not in done.error
    assert _claims_nothing(done)


WRONG: dict[str, tuple[list[str], str]] = {
    "no project": ([], "--project: no project is given"),
    "a project's name": (["--project", "My Project"], "--project: 'My Project' is not valid"),
    "a region": (["--project", "my-project", "--region", "Europe"], "--region: 'Europe' is not valid"),
    "a name": (["--project", "my-project", "--name", "Tock_1"], "--name: 'Tock_1' is not valid"),
    "no Terraform": (["--project", "my-project", "--infra", "nowhere"], "There are no Terraform files in nowhere."),
    "nothing to include": (
        ["--project", "my-project", "--include", "nowhere"],
        "--include nowhere: it does not exist.",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_option_is_named_before_anything_is_asked(deployer: Deployer, words: list[str], said: str) -> None:
    done = deployer.deploy(*words, project=None)

    assert (done.code, deployer.calls()) == (1, [])
    assert said in done.error


def test_a_length_that_is_none_is_a_usage_error(deployer: Deployer) -> None:
    done = deployer.deploy("--wait", "soon")

    assert (done.code, deployer.calls()) == (2, [])
    assert "'soon' is not a duration" in done.error


@pytest.mark.slow
def test_a_deployment_that_does_not_tick_is_no_success_but_keeps_its_key(tmp_path: Path) -> None:
    late = iter(lambda: (503, {"status": "late", "last_success": None}), None)
    with served(late) as url:
        done = Deployer.create(tmp_path, url=url).deploy("--wait", "2s")

    assert done.code == 1
    assert done.key is not None
    assert f"applied, but no tick succeeded within PT2S; {url}/v1/health: 503" in done.error
    assert _claims_nothing(done)


def test_whoever_does_not_wait_is_not_told_that_it_ticks(tmp_path: Path) -> None:
    done = Deployer.create(tmp_path, url="http://127.0.0.1:9").deploy("--wait", "0s")

    assert done.code == 0
    assert "Tock is deployed. What next" in done.out
