"""The guide to agents behind HTTP, followed on a local stack: a receiver on localhost that calls back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from documentation.pages import codes
from end_to_end.running_stack import running_dev
from tock.local.tcp_ports import unused_port
from waiting import TIMEOUT

GUIDE = "docs/agents/http.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.slow
def test_a_receiver_on_localhost_answers_later(tmp_path: Path) -> None:
    [code] = codes(GUIDE, "python")
    (tmp_path / "receiver.py").write_text(code)
    port = unused_port()
    config = {"url": f"http://localhost:{port}/", "secret": "demo/REPORT", "answers": "callback"}

    with running_dev(tmp_path, TOCK_SECRETS=json.dumps({"demo/REPORT": SECRET})) as dev:
        receiver = subprocess.Popen(
            [sys.executable, "receiver.py"],
            cwd=tmp_path,
            env=os.environ | {"AGENT_SECRET": SECRET, "PORT": str(port)},
        )
        try:
            dev.tock("agents", "create", "report", "--kind", "http", "--config", json.dumps(config))
            ran = json.loads(dev.tock("agents", "run", "report", "--message", "three little words", "--wait", "--json"))
            events = dev.get(f"/runs/{ran['id']}/events")["events"]
        finally:
            receiver.kill()
            receiver.wait(TIMEOUT)
        assert "agents may be on localhost; their secrets are those of TOCK_SECRETS" in dev.output
        assert dev.stop() == 0
        assert SECRET not in dev.output
        assert "tock-run." not in dev.output

    assert (ran["status"], ran["result"], ran["events_sent"]) == ("succeeded", {"words": 3}, 1)
    assert [attempt["status"] for attempt in ran["attempts"]] == ["waiting", "succeeded"]
    assert ("progress", {"step": "counting"}) in [(event["kind"], event["data"]) for event in events]
