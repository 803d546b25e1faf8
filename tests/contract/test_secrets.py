"""No secret that an agent of any kind says is in anything that is kept, shown or logged."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from contract.leaks import ALL, CONDUCTS, HEADER, KINDS, Leaks
from tock.app.services import Services
from tock.bootstrap.structured_logging import log_to_stdout
from tock.core.mask import Mask
from tock.core.run.run_token import RunTokens
from web.conftest import cloud_tasks, services  # noqa: F401 - fixtures
from web.rig import Rig, client_of, ok

pytestmark = pytest.mark.anyio
RUNS = "/v1/projects/acme/runs"


@contextmanager
def _log_of_a_function(mask: Mask) -> Iterator[None]:
    """Log as a deployed function does; afterwards the process's log is as it was."""
    root, logger = logging.getLogger(), logging.getLogger("tock")
    before = (root.handlers[:], logger.handlers[:], logger.level, logger.propagate, logging.lastResort)
    root.handlers[:] = logger.handlers[:] = []
    log_to_stdout(mask=mask)
    try:
        yield
    finally:
        root.handlers[:], logger.handlers[:], logger.level, logger.propagate, logging.lastResort = before


async def _stored(client: AsyncClient) -> str:
    """Return all documents of the database, but for agents, whose configurations hold the values of headers."""
    texts: list[str] = []
    waiting: list[Any] = [collection async for collection in client.collections()]
    while waiting:
        collection = waiting.pop()
        async for document in collection.list_documents():
            snapshot = await document.get()
            if collection.id != "agents":
                texts.append(f"{document.path} {snapshot.to_dict()}")
            waiting += [inner async for inner in document.collections()]
    return "\n".join(texts)


async def _shown(rig: Rig, run: str) -> str:
    """Return everything that the API shows of the run."""
    texts = []
    for path in (RUNS, f"{RUNS}/{run}", f"{RUNS}/{run}/events", "/v1/projects/acme/usage"):
        answer = await rig.api.get(path)
        assert answer.status_code == 200, answer.text
        texts.append(answer.text)
    return "\n".join(texts)


async def _called_back(rig: Rig, leaks: Leaks, run: dict[str, Any]) -> dict[str, Any]:
    """Say everything again as an agent elsewhere does, and return the settled run."""
    assert leaks.web is not None
    told, everything = leaks.web.callback, leaks.web.everything
    agent = client_of(rig.api._transport.app, key=told["token"])  # type: ignore[attr-defined]
    kinds = [each for each in everything if isinstance(each, str) and 0 < len(each) <= 64]
    events = [{"kind": kind, "data": {"said": everything, kind: kind}} for kind in kinds]
    ok(await agent.post(told["events_url"], json={"events": events}))
    ok(await agent.post(told["checkpoint_url"], json={"state": everything}))
    ok(await agent.post(told["url"], json={"said": everything}))
    return await rig.execute(ok(await rig.api.get(f"{RUNS}/{run['id']}")))


@pytest.fixture
async def leaks(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Leaks]:
    set_up, how = KINDS[request.param]
    async with set_up(tmp_path, how) as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("leaks", "conduct"),
    [(kind, conduct) for kind, conducts in CONDUCTS.items() for conduct in conducts],
    indirect=["leaks"],
)
async def test_what_an_agent_says_of_secrets_is_masked_everywhere(
    *,
    leaks: Leaks,
    conduct: str,
    services: Services,  # noqa: F811 - the fixture
    firestore_client: AsyncClient,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    rig = await leaks.deployed(services)
    file = tmp_path / "secrets"
    file.write_text("\n".join([*ALL, HEADER]), encoding="utf-8")
    leaks.prepare(conduct)

    with _log_of_a_function(rig.services.mask):
        given = {"message": conduct, "payload": {"file": str(file)}}
        run = await rig.start("agents/leaks", input=given, retry={"max_retries": 0})
        token = _token(rig, run["id"])
        run = await rig.execute(run)
        places = [await _shown(rig, run["id"])]
        if run["status"] == "waiting":
            run = await _called_back(rig, leaks, run) if leaks.web is not None else await _answered(rig, run)

    places += [await _shown(rig, run["id"]), await _stored(firestore_client), "".join(capfd.readouterr())]
    for text in places:
        assert [secret for secret in (*ALL, token, *leaks.further) if secret in text] == []
    assert len([text for text in places if "***" in text]) >= leaks.masked
    assert run["status"] == ("succeeded" if conduct in {"succeed", "wait"} and leaks.succeeds else "failed"), run


async def _answered(rig: Rig, run: dict[str, Any]) -> dict[str, Any]:
    """Give the run the answer that it waits for, and return it after its next leg."""
    path = f"{RUNS}/{run['id']}"
    given = await rig.api.post(f"{path}:answer", json={"value": "go"})
    return await rig.execute(ok(await rig.api.post(f"{path}:approve") if given.status_code != 200 else given))


def _token(rig: Rig, run: str) -> str:
    tokens = rig.deployment.access.run_tokens
    assert isinstance(tokens, RunTokens)
    return tokens.token(project="acme", run=run)
