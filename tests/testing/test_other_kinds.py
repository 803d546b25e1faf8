"""An agent that is no function of the test: it works as on a local stack."""

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from standardwebhooks import Webhook

import tock
import tock.testing
from tock.core.errors import InvalidArgument
from tock.core.run.status import RunStatus
from tock.definitions.registry import AgentDefinition, forget

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes of it!").decode()


@pytest.fixture
def url() -> Iterator[str]:
    """Where a service checks the signature, and counts the words of the message."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            Webhook(SECRET).verify(body, {name.lower(): value for name, value in self.headers.items()})
            answer = json.dumps({"words": len(json.loads(body)["message"].split()), "key": SECRET}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def hook(**config: Any) -> AgentDefinition:
    made = tock.agent("hook", kind="http", config=config)
    forget(__name__)
    return made


def test_an_http_agent_gets_a_signed_request_with_the_time_of_the_machine(url: str) -> None:
    result = tock.testing.run(
        hook(url=url, secret="test/HOOK"),
        message="three little words",
        secrets={"test/HOOK": SECRET},
        # The receiver would refuse a signature of that time.
        scheduled_for="2031-01-01T00:00:00Z",
    )

    assert result.status is RunStatus.SUCCEEDED, result.error
    assert result.result == {"words": 3, "key": "***"}


def test_an_agent_that_a_deployment_refuses_is_refused(url: str) -> None:
    with pytest.raises(InvalidArgument, match=r"config\.secret"):
        tock.testing.run(hook(url=url, secret="test/HOOK"))
    with pytest.raises(InvalidArgument) as refused:
        tock.testing.run(tock.agent("other", kind="carrier-pigeon", config={}))
    assert refused.value.field == "kind"
