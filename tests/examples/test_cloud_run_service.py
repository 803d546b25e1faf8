"""The example of a Cloud Run service behind IAM: its own service, and an issuer of tokens in Google's place."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.iam import behind_iam
from examples.reader import EXAMPLES
from executors.http.certificates import contexts
from executors.http.http_calls import executor, real_now
from executors.recorder import Recorder
from tock.auth.oidc import CertificateFile, OidcTokens
from tock.bootstrap.system_clock import SystemClock
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded
from tock.local.identity.token_issuer import TokenIssuer
from tock.local.tcp_ports import unused_port
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio
EXAMPLE = EXAMPLES / "cloud_run_service"
HOST = "review-123456789012.run.app"
INVOKER = "tock-run@my-project.iam.gserviceaccount.com"


def _config() -> dict[str, Any]:
    [config] = re.findall(r"--config '([^']+)'", (EXAMPLE / "README.md").read_text())
    found: dict[str, Any] = json.loads(config)
    return found


async def _here(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize("caller", [INVOKER, "somebody-else@my-project.iam.gserviceaccount.com"])
async def test_only_the_invoker_reaches_the_service(caller: str, tmp_path: Path) -> None:
    outcome = await _called_by(caller, folder=tmp_path)

    if caller == INVOKER:
        assert outcome == Succeeded({"reviewed": "Please read this", "words": 3})
    else:
        assert isinstance(outcome, Failed)
        assert (outcome.type, outcome.retryable) == ("http_403", False)


async def _called_by(caller: str, *, folder: Path) -> AgentOutcome:
    """Run the agent of the example as this service account, with what the README says of its configuration."""
    issuer = TokenIssuer.load(folder / "identity")
    verifier = OidcTokens(certificates=CertificateFile(issuer.certificates), clock=SystemClock())
    server_tls, client_tls = contexts(HOST, directory=folder)
    port = unused_port()

    async def fetch(audience: str) -> str:
        return issuer.token(email=caller, audience=audience, now=real_now())

    async def admits(token: str) -> bool:
        return await verifier.email(token, audience=audience) == INVOKER

    with _service(port):
        await until(lambda: _listens(port))
        async with behind_iam(port, tls=server_tls, admits=admits) as front:
            audience = f"https://{HOST}:{front}"
            config = json.loads(json.dumps(_config()).replace(f"https://{HOST}", audience))
            http = executor(
                fetch_token=fetch, allowed_hosts=[f"{HOST}:{front}"], resolve=_here, tls=client_tls, now=real_now
            )
            http.check(config, project="demo")
            return await http.execute(config, Recorder().context(project="demo", message="Please read this"))


@contextmanager
def _service(port: int) -> Iterator[None]:
    """Run the example's service, as Cloud Run does."""
    process = subprocess.Popen(
        [sys.executable, "service.py"], cwd=EXAMPLE, env={**os.environ, "HOST": "127.0.0.1", "PORT": str(port)}
    )
    try:
        yield
    finally:
        process.kill()
        process.wait(TIMEOUT)


def _listens(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code > 0
    except httpx.TransportError:
        return False


def test_the_configuration_is_valid_as_it_stands() -> None:
    executor(allowed_hosts=[]).check(_config(), project="demo")
