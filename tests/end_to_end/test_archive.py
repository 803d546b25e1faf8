"""The functions start from the archive alone, in a clean virtual environment with the pinned requirements, and work."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from end_to_end.installed_archive import InstalledArchive
from tock.bootstrap.system_clock import SystemClock
from tock.deploy.admin_key import AdminKey
from tock.deploy.archive import Source, build_archive
from tock.local.identity.token_issuer import TokenIssuer
from tock.local.stack.function_environment import FUNCTIONS, LOCATION, QUEUE, TICK_QUEUE, function_environment
from tock.local.stack.queues import create_queue
from tock.local.tcp_ports import free_ports
from waiting import TIMEOUT

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SERVICE_ACCOUNT = "tock-caller@tock-local.iam.gserviceaccount.com"
#: Blocks of the development requirements that the agents' file holds: one more library, and one that Tock has too.
LIBRARIES = ("cronsim", "sniffio")
AGENTS = """
import cronsim

def greet(run):
    return {"greeted": run.input["name"], "agent": __file__, "library": cronsim.__file__}
"""
#: Imports the functions and every module of the archive, and prints where each module in the process comes from. A
#: module may lack the library of an extra only, which this deployment has not chosen.
IMPORT_ALL = """
import importlib, json, pkgutil, sys
import main, acme.agents, tock
for module in pkgutil.walk_packages(tock.__path__, "tock."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as missing:
        if missing.name.partition(".")[0] not in {"a2a", "fastmcp", "httpcore2", "pydantic_ai"}:
            raise
print(json.dumps({name: module.__file__ for name, module in sys.modules.items() if getattr(module, "__file__", None)}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> InstalledArchive:
    """The archive with a package of agents and the library that it needs, installed."""
    folder = tmp_path_factory.mktemp("archive").resolve()
    (folder / "acme").mkdir()
    (folder / "acme" / "agents.py").write_text(AGENTS)
    pins = (ROOT / "requirements-dev.txt").read_text()
    blocks = [re.search(rf"^{name}==.*(?:\n +--hash.*)+", pins, re.MULTILINE) for name in LIBRARIES]
    (folder / "acme.txt").write_text("".join(f"{block[0]}\n" for block in blocks if block is not None))
    archive = build_archive(
        folder / "tock.zip",
        source=Source.below(ROOT / "functions"),
        include=[folder / "acme"],
        requirements=folder / "acme.txt",
    )
    return InstalledArchive.of(archive.path, folder=folder)


def test_everything_is_imported_from_the_archive_its_environment_or_python_itself(installed: InstalledArchive) -> None:
    found = json.loads(installed.python(IMPORT_ALL, variables={"GOOGLE_CLOUD_PROJECT": "test"}))

    python = installed.python("import sysconfig; print(sysconfig.get_path('stdlib'))", variables={}).strip()
    homes = (installed.source, installed.environment, Path(python))
    own = {name: file for name, file in found.items() if name.partition(".")[0] in {"main", "acme", "tock"}}
    assert len(own) > 100
    assert {name: file for name, file in own.items() if not Path(file).is_relative_to(installed.source)} == {}
    assert {
        name: file
        for name, file in found.items()
        if not any(Path(file).resolve().is_relative_to(home.resolve()) for home in homes)
    } == {}


@pytest.fixture
def ports(tmp_path: Path) -> dict[str, int]:
    return free_ports(FUNCTIONS, memory=tmp_path / "ports.json")


@pytest.fixture
async def variables(
    ports: dict[str, int],
    firestore_emulator: str,
    cloud_tasks_emulator: str,
    google_project: str,
    token_issuer: TokenIssuer,
) -> dict[str, str]:
    """The environment of the functions: as Terraform writes it, but beside emulators."""
    for queue in (QUEUE, TICK_QUEUE):
        await create_queue(cloud_tasks_emulator, project=google_project, location=LOCATION, queue=queue)
    found = function_environment(
        firestore=firestore_emulator,
        cloud_tasks=cloud_tasks_emulator,
        urls=_urls(ports),
        service_account=SERVICE_ACCOUNT,
        certificates=token_issuer.certificates,
    )
    return found | {"GOOGLE_CLOUD_PROJECT": google_project, "TOCK_PYTHON_MODULES": "acme.*"}


async def test_the_five_functions_start_answer_and_run_an_agent_of_the_archive(
    installed: InstalledArchive, ports: dict[str, int], variables: dict[str, str], token_issuer: TokenIssuer
) -> None:
    urls, key = _urls(ports), AdminKey.new()
    variables = {**variables, "TOCK_ADMIN_KEY_HASH": key.hash}

    with ExitStack() as started:
        for function in FUNCTIONS:
            await asyncio.to_thread(
                started.enter_context, installed.started(function, port=ports[function], variables=variables)
            )
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            await _strangers_are_turned_away(client, urls)
            await _a_tick_makes_it_healthy(client, urls, token_issuer=token_issuer)
            client.headers["Authorization"] = f"Bearer {key.text}"
            run = await _an_agent_runs(client, urls)

    assert run["status"] == "succeeded", run
    assert run["result"] == {
        "greeted": "Ada",
        "agent": str(installed.source / "acme" / "agents.py"),
        "library": run["result"]["library"],
    }
    assert Path(run["result"]["library"]).is_relative_to(installed.environment)


def _urls(ports: dict[str, int]) -> dict[str, str]:
    return {name: f"http://127.0.0.1:{port}/" for name, port in ports.items()}


async def _strangers_are_turned_away(client: httpx.AsyncClient, urls: dict[str, str]) -> None:
    answers = {
        ("POST", urls["tick"]): 401,
        ("POST", urls["run"]): 401,
        ("POST", urls["trigger"]): 401,
        ("POST", urls["retry"]): 401,
        ("GET", urls["trigger"]): 405,
        ("GET", urls["retry"]): 405,
        ("GET", urls["api"] + "v1/projects"): 401,
        ("GET", urls["api"] + "nowhere"): 404,
    }
    found = {call: await client.request(*call, json={}) for call in answers}
    assert {call: answer.status_code for call, answer in found.items()} == answers
    assert {answer.headers["content-type"] for answer in found.values()} == {"application/problem+json"}


async def _a_tick_makes_it_healthy(
    client: httpx.AsyncClient, urls: dict[str, str], *, token_issuer: TokenIssuer
) -> None:
    before = await client.get(urls["api"] + "v1/health")
    assert (before.status_code, before.json()["status"]) == (503, "late")
    token = token_issuer.token(email=SERVICE_ACCOUNT, audience=urls["tick"], now=SystemClock().now())
    ticked = await client.post(urls["tick"], json={}, headers={"Authorization": f"Bearer {token}"})
    assert ticked.status_code == 200, ticked.text
    after = await client.get(urls["api"] + "v1/health")
    assert (after.status_code, after.json()["status"]) == (200, "ok")


async def _an_agent_runs(client: httpx.AsyncClient, urls: dict[str, str]) -> Any:
    projects = urls["api"] + "v1/projects"
    agent = {"id": "greeter", "kind": "python", "config": {"callable": "acme.agents:greet"}}
    for url, body in ((projects, {"id": "demo"}), (f"{projects}/demo/agents", agent)):
        made = await client.post(url, json=body)
        assert made.status_code == 201, made.text
    call = {"project": "demo", "agent": "greeter", "input": {"payload": {"name": "Ada"}}}
    started = await client.post(urls["trigger"], json=call)
    assert started.status_code == 202, started.text
    return await _settled(lambda: client.get(f"{projects}/demo/runs/{started.json()['id']}"))


async def _settled(look: Callable[[], Awaitable[httpx.Response]]) -> Any:
    async with asyncio.timeout(TIMEOUT):
        while not (run := (await look()).json())["finished"]:
            await asyncio.sleep(0.2)
    return run
