"""Terminals that cannot show every character: each command prints what it can, and JSON stays JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from client.shown import a_page, shown_agent

#: What a person may write into a description: accents, another alphabet, an emoji.
WORDS = "Zürich … 東京 🚀"
AGENT = shown_agent(id="a", kind="http", description=WORDS)
TERMINALS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin 1": {"PYTHONIOENCODING": "latin-1"},
    "the C locale": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}


class _Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(a_page("agents", AGENT)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Api) as api:
        thread = Thread(target=api.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{api.server_port}"
        api.shutdown()
        thread.join()


def _tock(*words: str, terminal: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tock.cli.main", *words]
    return subprocess.run(command, env=os.environ | terminal, capture_output=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("terminal", TERMINALS.values(), ids=TERMINALS)
@pytest.mark.parametrize("words", [["--help"], ["deploy", "--help"], ["cost", "--runs-per-month", "9"]], ids=" ".join)
def test_help_and_tables_are_printed(words: list[str], terminal: dict[str, str]) -> None:
    done = _tock(*words, terminal=terminal)

    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout) > 500


@pytest.mark.slow
@pytest.mark.parametrize("terminal", TERMINALS.values(), ids=TERMINALS)
def test_a_table_with_foreign_characters_is_printed(url: str, terminal: dict[str, str]) -> None:
    done = _tock("--server", url, "--project", "p", "agents", "list", terminal=terminal)

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"rich" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("terminal", TERMINALS.values(), ids=TERMINALS)
def test_json_stays_json(url: str, terminal: dict[str, str]) -> None:
    done = _tock("--server", url, "--project", "p", "agents", "list", "--json", terminal=terminal)

    assert (done.returncode, done.stderr) == (0, b"")
    answer: Any = json.loads(done.stdout.decode(terminal.get("PYTHONIOENCODING", "ascii")))
    assert answer["agents"] == [AGENT]


@pytest.mark.slow
@pytest.mark.parametrize("terminal", TERMINALS.values(), ids=TERMINALS)
def test_an_error_with_foreign_characters_is_a_sentence(terminal: dict[str, str]) -> None:
    done = _tock("--project", "東京", "--server", "http://127.0.0.1:1", "runs", "list", terminal=terminal)

    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: ")
    assert b"Traceback" not in done.stderr
