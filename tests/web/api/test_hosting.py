"""The API as a function: the host routes the request and takes the application as its response."""

import subprocess
import sys
from pathlib import Path

import functions_framework.aio
import pytest

import tock
from tock.bootstrap.host import pass_on_every_request
from web import rig as rigs
from web.rig import DAILY, Rig, client_of, created, ok, problem

pytestmark = pytest.mark.anyio
FUNCTIONS = Path(tock.__file__).parents[1]
SOURCE = """
import functions_framework.aio
from web.rig import HOSTED

@functions_framework.aio.http
async def api(request):
    return HOSTED[0]
"""


@pytest.fixture
def hosted(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """The API behind the framework's application, as main.py has it made."""
    monkeypatch.setattr(functions_framework.aio, "Starlette", functions_framework.aio.Starlette)
    pass_on_every_request()
    (tmp_path / "main.py").write_text(SOURCE)
    rigs.HOSTED[:] = [rig.api._transport.app]  # type: ignore[attr-defined] # the app of this client
    host = functions_framework.aio.create_asgi_app("api", str(tmp_path / "main.py"))
    return Rig(deployment=rig.deployment, api=client_of(host), trigger=rig.trigger, retry=rig.retry)


async def test_every_method_and_path_reaches_the_api(hosted: Rig) -> None:
    made = await hosted.make_trigger()
    path = "/v1/projects/acme/triggers/morning"

    assert ok(await hosted.api.get(path)) == made
    assert ok(await hosted.api.patch(path, json={"name": "Morning"}))["name"] == "Morning"
    assert ok(await hosted.api.put(path, json={"agent": "digest", "schedule": DAILY}))["name"] is None
    assert (await hosted.api.post(f"{path}:run", json={})).status_code == 202
    assert (await hosted.api.delete(path)).status_code == 204
    created(await hosted.api.post("/v1/projects/acme/api-keys", json={}))
    assert ok(await hosted.api.get("/v1/openapi.json"))["paths"]
    problem(await hosted.api.get("/"), 404)
    problem(await hosted.api.post(path, json={}), 405)
    problem(await hosted.api.post("/v1/projects", content=b"{"), 415)


@pytest.mark.parametrize(
    "path",
    [
        *("/favicon.ico", "/robots.txt", "/%0a", "/a%0ab", "/v1/health%0a", "/v1/projects%0A", "/v1/projects/acme%0a"),
        *("/v1/projects/acme/triggers/a%0ab", "/%00", "/v1/projects/%C2%85", "//", "/v1/", "/%2e%2e/v1", "/%ff"),
        "/v1/projects/acme/",
    ],
)
async def test_what_the_host_would_answer_with_a_text_is_a_problem_document(hosted: Rig, path: str) -> None:
    answers = [await hosted.api.get(path), await hosted.api.post(path, json={})]

    for answer in answers:
        assert answer.status_code in {404, 405}, answer.text
        assert problem(answer, answer.status_code)["instance"].startswith("/")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "FOO"])
async def test_a_method_that_the_host_does_not_know_is_a_problem_document(hosted: Rig, method: str) -> None:
    answer = await hosted.api.request(method, "/v1/projects")

    assert problem(answer, 405)["code"] == "wrong_method"
    assert answer.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({"CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:9"}, "405 POST"), ({"TOCK_DATABASE": "\x7f/"}, "500 None")],
    ids=["a function that works", "one whose clients cannot be built"],
)
def test_the_host_has_no_text_of_its_own_for_the_deployed_functions(environment: dict[str, str], expected: str) -> None:
    """As main.py has them, in a process of its own."""
    program = (
        "import asyncio, functions_framework, httpx\n"
        "host = functions_framework.create_app('trigger', 'main.py')\n"
        "async def ask():\n"
        "    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=host), base_url='http://host')\n"
        "    for method, path in (('GET', '/favicon.ico'), ('TRACE', '/'), ('PUT', '/a%0ab')):\n"
        "        answer = await client.request(method, path)\n"
        "        assert answer.headers['content-type'] == 'application/problem+json'\n"
        "        print(answer.status_code, answer.headers.get('allow'))\n"
        "asyncio.run(ask())\n"
    )
    own = {"PYTHONPATH": ":".join(sys.path), "GOOGLE_CLOUD_PROJECT": "demo", "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9"}

    said = subprocess.run(
        [sys.executable, "-c", program],
        cwd=FUNCTIONS,
        env=own | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert [line for line in said.splitlines() if not line.startswith("{")] == [expected] * 3
