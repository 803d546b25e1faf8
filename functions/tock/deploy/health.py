"""Whether a deployment ticks: asked of its own API, which needs no key for that."""

import time
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx

from tock.core.time import duration_text
from tock.deploy.errors import Unhealthy

_TIMEOUT_SECONDS = 30
_MAX_WORDS = 200


def await_tick(url: str, *, patience: timedelta, pause: timedelta = timedelta(seconds=1)) -> None:
    """Return as soon as a tick has succeeded since this was called, as the API's health tells.

    What it told first may be a tick of before an upgrade, so another one is waited for; `pause` lies between two looks.

    Raises:
        Unhealthy: none did within `patience`; with the last answer.
    """
    deadline = time.monotonic() + patience.total_seconds()
    before: object = None
    looked = False
    while True:
        health, last = _look(url)
        success = health.get("last_success")
        if health and not looked:
            before, looked = success, True
        elif health.get("status") == "ok" and success != before:
            return
        if time.monotonic() + pause.total_seconds() > deadline:
            raise Unhealthy(url, waited=duration_text(patience), last=last)
        time.sleep(pause.total_seconds())


def _look(url: str) -> tuple[dict[str, Any], str]:
    """What health says, empty if it did not answer as health does, and the answer in words."""
    try:
        answer = httpx.get(f"{url}/v1/health", timeout=_TIMEOUT_SECONDS, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        return {}, f"no answer ({exc or type(exc).__name__})"
    said = f"{answer.status_code} {answer.text[:_MAX_WORDS]}".strip()
    if answer.status_code not in (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE):
        return {}, said
    try:
        health = answer.json()
    except ValueError:
        return {}, said
    return (health, said) if isinstance(health, dict) and "last_success" in health else ({}, said)
