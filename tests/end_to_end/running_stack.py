"""A running `tock dev`, used over HTTP and through the command line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from end_to_end.entered import entered
from tock.local.stack.function_environment import GOOGLE_PROJECT
from waiting import TIMEOUT, result_of


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

    def settled(self, run: str) -> dict[str, Any]:
        """Return the run once it has ended."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.get(f"/runs/{run}")
            return found if found["finished"] else None

        return result_of(look)

    def streamed(self, run: str) -> list[tuple[str, Any]]:
        """Follow the run's stream of server-sent events, and return the kind and the data of each until its end."""
        heard: list[tuple[str, Any]] = []
        url = f"{self.api}/runs/{run}/events:stream"
        with httpx.stream("GET", url, timeout=TIMEOUT, trust_env=False) as answer:
            answer.raise_for_status()
            name = ""
            for line in answer.iter_lines():
                word, _, value = line.partition(": ")
                if word == "event":
                    name = value
                elif word == "data" and name == "end":
                    heard.append((name, json.loads(value)))
                elif word == "data":
                    heard.append((name, json.loads(value)["data"]))
        return heard

    def delete_record(self, run: str) -> None:
        """Delete the record of a run in Firestore, without Tock."""
        port = json.loads((self.folder / ".tock" / "ports.json").read_text())["firestore"]
        database = f"http://127.0.0.1:{port}/v1/projects/{GOOGLE_PROJECT}/databases/(default)/documents"
        url = f"{database}/projects/demo/runs/{run}"
        httpx.delete(
            url, headers={"Authorization": "Bearer owner"}, timeout=TIMEOUT, trust_env=False
        ).raise_for_status()

    def tock(self, *arguments: str, code: int = 0, **variables: str) -> str:
        """Call `tock` in the stack's folder, and return what it printed; `code` is the exit status that is expected."""
        done = entered(*arguments, folder=self.folder, **variables)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr

    @property
    def output(self) -> str:
        """What `tock dev` has printed so far."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def stop(self) -> int:
        """Stop it as Ctrl-C does, and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(TIMEOUT)


def tock(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `tock` in this folder as a process, with these environment variables besides."""
    return subprocess.run(
        [sys.executable, "-m", "tock.cli.main", *arguments],
        cwd=folder,
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


@contextmanager
def running_dev(folder: Path, *arguments: str, **variables: str) -> Iterator[RunningStack]:
    """Run `tock dev` in this folder, with these environment variables besides, until the block ends.

    The block begins once the definitions that it was given are applied.
    """
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tock.cli.main", "dev", *arguments],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | variables,
        )
    data = Path(arguments[arguments.index("--data") + 1]) if "--data" in arguments else folder / ".tock"
    said = folder / "output.txt"
    try:
        result_of(lambda: "Tock is running." in said.read_text(errors="replace") or process.poll() is not None)
        assert process.poll() is None, said.read_text(errors="replace")
        stack = json.loads((data / "stack.json").read_text())
        yield RunningStack(folder=folder, api=f"{stack['api']}/v1/projects/{stack['project']}", process=process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(TIMEOUT)
