"""`tock dev` with TOCK_ADMIN_KEY_HASH: keys are needed, as in the cloud."""

import hashlib
import json
from pathlib import Path

import pytest

from end_to_end.entered import entered
from end_to_end.running_stack import running_dev
from tock.deploy.admin_key import AdminKey

KEY = AdminKey.new()


def _env(key: str = "") -> dict[str, str]:
    return {"TOCK_ADMIN_KEY_HASH": KEY.hash} | ({"TOCK_KEY": key} if key else {})


@pytest.mark.slow
def test_with_the_admin_key_everything_works_with_keys(tmp_path: Path) -> None:
    with running_dev(tmp_path, "--demo", **_env(KEY.text)) as dev:
        assert "Authorization" in dev.tock("agents", "list", code=1)
        assert "pulse" in dev.tock("agents", "list", TOCK_KEY=KEY.text)
        ran = json.loads(dev.tock("agents", "run", "pulse", "--wait", "--json", TOCK_KEY=KEY.text))
        project_key = dev.tock("keys", "create", "--name", "mine", TOCK_KEY=KEY.text).strip()
        assert "pulse" in dev.tock("--key", project_key, "runs", "list", "--agent", "pulse")
        assert "opens only that project" in dev.tock("--key", project_key, "projects", "create", "x", code=1)
        assert "Keys     are needed, because TOCK_ADMIN_KEY_HASH is set" in dev.output
        assert dev.stop() == 0
        assert "Traceback" not in dev.output
        assert KEY.text not in dev.output

    assert ran["status"] == "succeeded"


@pytest.mark.slow
def test_without_the_key_it_starts_and_says_how_to_create_the_project(tmp_path: Path) -> None:
    with running_dev(tmp_path, **_env()) as dev:
        assert "  First    in another terminal here: tock projects create demo, unless it exists\n" in dev.output
        assert "Project demo created." in dev.tock("projects", "create", "demo", TOCK_KEY=KEY.text)
        assert "No agents." in dev.tock("agents", "list", TOCK_KEY=KEY.text)
        assert dev.stop() == 0
        assert "Traceback" not in dev.output


@pytest.mark.slow
def test_with_the_key_of_a_project_it_starts_again(tmp_path: Path) -> None:
    with running_dev(tmp_path, **_env(KEY.text)) as dev:
        project_key = dev.tock("keys", "create", TOCK_KEY=KEY.text).strip()

    with running_dev(tmp_path, **_env(project_key)) as dev:
        assert "No agents." in dev.tock("agents", "list", TOCK_KEY=project_key)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["--demo"], _env(), "the demo's agents can be created with the admin key only, but no key was given"),
        (["--demo"], _env("another"), "with the admin key only, but the key that was given is another"),
        ([], {"TOCK_ADMIN_KEY_HASH": KEY.text}, "TOCK_ADMIN_KEY_HASH: Value error, is not a SHA-256"),
        ([], {"TOCK_ADMIN_KEY_HASH": hashlib.sha256(b"k").hexdigest().upper()}, "is not a SHA-256 in 64 small"),
        ([], {"TOCK_LEASE": "soon"}, "The functions would not start: TOCK_LEASE: "),
        ([], {"TOCK_LEASE": "PT1S"}, "TOCK_HEARTBEAT (0:00:10) must be at most half of TOCK_LEASE"),
        ([], {"TOCK_SECRETS": '{"demo/X": "whsec_hidden"'}, "TOCK_SECRETS: Value error, is not JSON"),
    ],
    ids=["demo without key", "demo with another key", "the key itself", "capitals", "no duration", "lease", "secrets"],
)
def test_what_cannot_start_is_one_sentence(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], said: str
) -> None:
    done = entered("dev", *arguments, folder=tmp_path, **variables)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert KEY.text not in done.stdout + done.stderr
    assert "hidden" not in done.stdout + done.stderr
