"""Documents in Firestore, changed without Tock: what a fault of the records would leave."""

import json
from typing import Any

import httpx

from browser.conftest import Console
from end_to_end.running_stack import RunningStack
from tock.local.stack.function_environment import GOOGLE_PROJECT
from waiting import TIMEOUT


def break_trigger(stack: RunningStack, console: Console, trigger: str) -> None:
    """Leave a trigger's document with a schedule that is none."""
    fields = {"fields": {"schedule": {"stringValue": "broken"}}}
    _call(stack, console, "PATCH", f"triggers/{trigger}?updateMask.fieldPaths=schedule", fields)


def delete_record(stack: RunningStack, console: Console, run: str) -> None:
    """Delete the record of a run."""
    _call(stack, console, "DELETE", f"runs/{run}")


def _call(stack: RunningStack, console: Console, method: str, path: str, body: Any = None) -> None:
    port = json.loads((stack.folder / ".tock" / "ports.json").read_text())["firestore"]
    database = f"http://127.0.0.1:{port}/v1/projects/{GOOGLE_PROJECT}/databases/(default)/documents"
    httpx.request(
        method,
        f"{database}/projects/{console.project}/{path}",
        json=body,
        headers={"Authorization": "Bearer owner"},
        timeout=TIMEOUT,
        trust_env=False,
    ).raise_for_status()
