"""A running `tock dev`, used over HTTP and through the command line."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tock.local.stack.function_environment import GOOGLE_PROJECT
from waiting import TIMEOUT


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A running `tock dev`: the folder it runs in, its API, and its process."""

    folder: Path
    api: str
    process: subprocess.Popen[bytes]

    def get(self, path: str, **parameters: Any) -> Any:
        answer = httpx.get(f"{self.api}{path}", params=parameters, timeout=TIMEOUT, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return httpx.post(f"{self.api}{path}", json=body, headers=headers, timeout=TIMEOUT, trust_env=False)

    def delete_record(self, run: str) -> None:
        """Delete the record of a run in Firestore, without Tock."""
        port = json.loads((self.folder / ".tock" / "ports.json").read_text())["firestore"]
        database = f"http://127.0.0.1:{port}/v1/projects/{GOOGLE_PROJECT}/databases/(default)/documents"
        url = f"{database}/projects/demo/runs/{run}"
        httpx.delete(
            url, headers={"Authorization": "Bearer owner"}, timeout=TIMEOUT, trust_env=False
        ).raise_for_status()

    def tock(self, *arguments: str, code: int = 0) -> str:
        command = [sys.executable, "-m", "tock.cli.main", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr
