"""A running `tock dev`, seen over HTTP and through the command line."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tock.local.stack.function_environment import GOOGLE_PROJECT


@dataclass(frozen=True, slots=True)
class Dev:
    """A running `tock dev`: the folder it runs in, its API, and its process."""

    folder: Path
    api: str
    process: subprocess.Popen[bytes]

    def get(self, path: str, **parameters: Any) -> Any:
        answer = httpx.get(f"{self.api}{path}", params=parameters, timeout=30, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return httpx.post(f"{self.api}{path}", json=body, headers=headers, timeout=30, trust_env=False)

    def forget(self, run: str) -> None:
        """Delete the record of a run behind Tock's back, in Firestore itself."""
        port = json.loads((self.folder / ".tock" / "ports.json").read_text())["firestore"]
        database = f"http://127.0.0.1:{port}/v1/projects/{GOOGLE_PROJECT}/databases/(default)/documents"
        url = f"{database}/projects/demo/runs/{run}"
        httpx.delete(url, headers={"Authorization": "Bearer owner"}, timeout=30, trust_env=False).raise_for_status()

    def tock(self, *arguments: str, code: int = 0) -> str:
        command = [sys.executable, "-m", "tock.cli.main", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr


def eventually(found: Callable[[], Any], *, within: float = 60) -> Any:
    """Return the first true answer, or fail with the last."""
    deadline = time.monotonic() + within
    while not (answer := found()):
        assert time.monotonic() < deadline, f"still {answer!r} after {within} s"
        time.sleep(0.2)
    return answer
