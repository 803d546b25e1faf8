"""What a stack's start asks of its API and of the Cloud Tasks emulator: a refusal is a sentence."""

import httpx
import pytest

from tock.local.errors import ApiRefused, StartFailed
from tock.local.stack.queues import create_queue
from tock.local.stack.session import ensure
from tock.local.tcp_ports import unused_port

pytestmark = pytest.mark.anyio


def _api(answer: httpx.Response | httpx.HTTPError) -> httpx.AsyncClient:
    def respond(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    return httpx.AsyncClient(base_url="http://api/v1/projects/demo", transport=httpx.MockTransport(respond))


@pytest.mark.parametrize("status", [201, 409])
async def test_what_is_created_or_exists_is_there(status: int) -> None:
    await ensure(_api(httpx.Response(status)), "/agents", {"id": "pulse"})


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(401, text="no key"), "did not take POST agents pulse: 401: no key"),
        (httpx.Response(503, text="x" * 10_000), "503: xxx"),
        (httpx.ConnectError("refused"), "did not take POST agents pulse: refused"),
        (httpx.ReadTimeout(""), "did not take POST agents pulse: ReadTimeout"),
    ],
    ids=["no key", "long", "closed", "timeout"],
)
async def test_what_the_api_refuses_is_said(answer: httpx.Response | httpx.HTTPError, said: str) -> None:
    with pytest.raises(ApiRefused) as raised:
        await ensure(_api(answer), "/agents", {"id": "pulse"})

    assert said in str(raised.value)
    assert len(str(raised.value)) < 1000


async def test_a_queue_that_cannot_be_created_is_said() -> None:
    host = f"127.0.0.1:{unused_port()}"

    with pytest.raises(StartFailed, match="cloud_tasks did not start: it refused to create the queue runs: "):
        await create_queue(host, project="p", location="l", queue="runs")
