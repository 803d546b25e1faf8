"""What `tock doctor` looks at: the server that it talks to, and Google's APIs only of the deployment behind that."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from client.conftest import (  # noqa: F401 - fixtures
    Hosted,
    _nothing_is_configured,
    cloud_tasks,
    empty,
    hosted,
    rig,
    services,
)
from deploy.fake_gcloud import IN_ORDER, a_gcloud
from tock import Client
from tock.cli.doctor.checks import Line, State
from tock.cli.doctor.examination import examined
from web.conftest import LOCATION
from web.rig import ADMIN_KEY

#: A server that does not answer, and is not called as this machine.
ELSEWHERE = "http://127.0.0.2:9"
GOOGLES = ("scheduler", "queues", "indexes", "permissions")
NOT_GIVEN = (None, None, None)
Examine = Callable[..., dict[str, Line]]


@pytest.fixture
def gcloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Install a gcloud that knows the deployment `tock` of the project `my-project`, which answers at this URL."""

    def install(url: str) -> Path:
        described = {"run services describe tock-api": {"status": {"url": url}}}
        program = a_gcloud(tmp_path, IN_ORDER | described)
        monkeypatch.setenv("PATH", str(program.parent))
        return tmp_path / "calls.jsonl"

    return install


def _examine(server: str, google: tuple[str | None, str | None, str | None] = NOT_GIVEN) -> dict[str, Line]:
    """Return what is found last of each subject."""
    with Client(server, project="acme", key=ADMIN_KEY, retries=0) as client:
        return {line.subject: line for line in examined(client, repair=False, google=google, clock=None)}


def _tfvars(folder: Path) -> None:
    (folder / "infra").mkdir()
    (folder / "infra" / "terraform.tfvars").write_text('project = "my-project"\n')


def test_googles_apis_tell_of_the_deployment_that_is_talked_to(tmp_path: Path, gcloud: Callable[[str], Path]) -> None:
    _tfvars(tmp_path)
    gcloud(ELSEWHERE)

    found = _examine(ELSEWHERE)

    assert [found[subject].state for subject in GOOGLES] == [State.OK] * 4
    assert "deployment" not in found


def test_another_deployment_is_not_looked_at_unless_it_is_given(tmp_path: Path, gcloud: Callable[[str], Path]) -> None:
    _tfvars(tmp_path)
    gcloud("https://tock-api.run.app")

    of_folder = _examine(ELSEWHERE)
    given = _examine(ELSEWHERE, ("my-project", None, None))

    other = f"{ELSEWHERE} is not the deployment tock of my-project, which answers at https://tock-api.run.app"
    assert {(found := of_folder[subject]).state for subject in GOOGLES} == {State.NOT_CHECKED}
    assert (found.text, found.remedy) == (other, "To look at that one nevertheless: --google-project my-project")
    assert given["deployment"] == Line("deployment", State.WARNING, other, "What follows is about that one.")
    assert [given[subject].state for subject in GOOGLES] == [State.OK] * 4


def test_where_gcloud_may_not_see_where_it_answers_nothing_is_taken_for_it(
    tmp_path: Path, gcloud: Callable[[str], Path]
) -> None:
    _tfvars(tmp_path)
    gcloud("")

    found = _examine(ELSEWHERE)

    assert {found[subject].state for subject in GOOGLES} == {State.NOT_CHECKED}
    assert found["queues"].text.endswith("is not known: Cloud Run does not say where tock-api answers")


def test_nobody_asks_google_about_a_server_of_this_machine(tmp_path: Path, gcloud: Callable[[str], Path]) -> None:
    _tfvars(tmp_path)
    calls = gcloud(ELSEWHERE)

    found = _examine("http://127.0.0.1:9")

    assert {found[subject].state for subject in GOOGLES} == {State.NOT_CHECKED}
    assert found["scheduler"].text == "a local stack has none of Google's"
    assert found["queues"].remedy == "Call tock doctor in the folder in which `tock dev` runs."
    assert not calls.exists()


@pytest.fixture
def stack(
    hosted: Hosted,  # noqa: F811
    cloud_tasks_emulator: str,
    google_project: str,
    tmp_path: Path,
) -> Mapping[str, Any]:
    """What the local stack of this folder tells: it is the hosted API, with its queue."""
    told = {
        "api": hosted.url,
        "project": "acme",
        "cloud_tasks": cloud_tasks_emulator,
        "queues": [f"projects/{google_project}/locations/{LOCATION}/queues/runs"],
    }
    (tmp_path / ".tock").mkdir()
    (tmp_path / ".tock" / "stack.json").write_text(json.dumps(told))
    return told


@pytest.mark.anyio
async def test_the_queues_of_a_local_stack_are_looked_at(
    hosted: Hosted,  # noqa: F811
    stack: Mapping[str, Any],
    cloud_tasks: Any,  # noqa: F811
) -> None:
    await cloud_tasks.resume_queue(name=stack["queues"][0])
    running = await asyncio.to_thread(_examine, hosted.url)
    await cloud_tasks.pause_queue(name=stack["queues"][0])
    paused = await asyncio.to_thread(_examine, hosted.url)

    assert running["queues"] == Line("queues", State.OK, "1 are RUNNING, and what is due is delivered")
    assert (paused["queues"].state, paused["queues"].text) == (State.PROBLEM, "runs is PAUSED")
    assert (running["orphans"].state, running["scheduler"].state) == (State.OK, State.NOT_CHECKED)
