"""Runs `tock deploy` in a folder, on a PATH with a fake gcloud and a fake Terraform."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, pairwise
from pathlib import Path
from threading import Thread
from typing import Any

from waiting import TIMEOUT, result_of

ROOT = Path(__file__).parents[2]
PROJECT = "my-project"
NUMBER = "123456789012"
BUCKET = f"gs://{PROJECT}-tock-terraform"

#: The default state of the fake cloud: all tools are logged in, and the project is empty.
CLOUD: dict[str, Any] = {
    "gcloud": True,
    "default": True,
    "projects": {PROJECT: NUMBER},
    "enable": True,
    "buckets": {},
    "taken": [],
    "backend": "",
    "state": {},
    "url": "",
    "exit": {},
    "partial": False,
    "waits": False,
}


@dataclass(frozen=True, slots=True)
class Done:
    """The exit code and output of a call of `tock`."""

    code: int
    out: str
    error: str

    @property
    def key(self) -> str | None:
        """The admin key in the output, or None."""
        found = re.search(r"^  export TOCK_KEY=(tock-admin-\S+)$", self.out, re.MULTILINE)
        return found[1] if found else None


@dataclass(frozen=True, slots=True)
class Deployer:
    """A folder with Tock's Terraform and a fake cloud."""

    folder: Path

    @classmethod
    def create(cls, folder: Path, *, url: str) -> "Deployer":
        made = cls(folder)
        (folder / "infra").mkdir()
        (folder / "infra" / "main.tf").touch()
        (folder / "bin").mkdir()
        source = (Path(__file__).parent / "fake_tool.py").read_text()
        for tool in ("gcloud", "terraform"):
            program = folder / "bin" / tool
            program.write_text(f"#!{sys.executable} -IS\n{source}")
            program.chmod(0o755)
        (folder / "cloud.json").write_text(json.dumps(CLOUD | {"url": url}))
        (folder / "calls.jsonl").touch()
        return made

    def cloud(self, **changes: Any) -> dict[str, Any]:
        """Change the state of the fake cloud, and return it."""
        cloud: dict[str, Any] = json.loads((self.folder / "cloud.json").read_text()) | changes
        (self.folder / "cloud.json").write_text(json.dumps(cloud))
        return cloud

    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()]

    def called(self, tool: str, verb: str) -> list[list[str]]:
        """Return the arguments of each call of the tool with this argument."""
        return [call["words"] for call in self.calls() if call["tool"] == tool and verb in call["words"]]

    def variables(self, verb: str = "apply") -> dict[str, str]:
        """Return the variables of the last call of Terraform with this verb."""
        words = self.called("terraform", verb)[-1]
        return dict(pair.split("=", 1) for flag, pair in pairwise(words) if flag == "-var")

    def deploy(self, *words: str, project: str | None = PROJECT, yes: bool = True, variable: str = "UNUSED") -> Done:
        """Run `tock deploy` to its end; `variable` is set in its environment."""
        named = ("--project", project) if project else ()
        done = subprocess.run(
            [*self._command(), *named, *(("--yes",) if yes else ()), *words],
            cwd=self.folder,
            env=self._environment() | {variable: "something"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        return Done(code=done.returncode, out=done.stdout, error=done.stderr)

    def deploy_at_a_terminal(self) -> Done:
        """Run `tock deploy` at a terminal, without `--yes`."""
        keyboard, terminal = os.openpty()
        try:
            done = subprocess.run(
                [*self._command(), "--project", PROJECT],
                cwd=self.folder,
                env=self._environment(),
                stdin=terminal,
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
        finally:
            os.close(keyboard)
            os.close(terminal)
        return Done(code=done.returncode, out=done.stdout, error=done.stderr)

    def interrupt(self) -> Done:
        """Run `tock deploy`, send Ctrl-C while Terraform applies, and wait for the end."""
        process = subprocess.Popen(
            [*self._command(), "--project", PROJECT, "--yes"],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        result_of(lambda: (self.folder / "applying").exists() or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        os.killpg(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=TIMEOUT)
        return Done(code=process.returncode, out=out, error=error)

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "tock.cli.main", "deploy"]

    def _environment(self) -> dict[str, str]:
        """Return an environment whose PATH has the fake tools only."""
        return {
            "PATH": str(self.folder / "bin"),
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT / "functions"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }


@contextmanager
def served(answers: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[str]:
    """Serve an API whose health endpoint gives these answers in turn; give its URL."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert (self.path, self.headers["authorization"]) == ("/v1/health", None)
            status, document = next(answers)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Health)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ticking() -> Iterator[tuple[int, dict[str, Any]]]:
    """Return the health answers of a deployment in which a tick succeeds between any two requests."""
    return ((200, {"status": "ok", "last_success": f"tick {number}"}) for number in count())
