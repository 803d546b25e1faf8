"""Waits until a deployment ticks, by reading its `/v1/health`, which needs no API key."""

import time
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx

from tock.core.time.duration import duration_text
from tock.deploy.errors import Unhealthy

_REQUEST_TIMEOUT_SECONDS = 30
_MAX_CHARACTERS = 200


def await_tick(url: str, *, timeout: timedelta, pause: timedelta = timedelta(seconds=1)) -> None:
    """Read the API's health every `pause` until a tick has succeeded after this call.

    The first answer may report a tick from before an upgrade, so this waits until `last_success` changes.

    Raises:
        Unhealthy: no tick succeeded within `timeout`; the error quotes the last answer.
    """
    deadline = time.monotonic() + timeout.total_seconds()
    before: object = None
    read_once = False
    while True:
        health, last = _read_health(url)
        success = health.get("last_success")
        if health and not read_once:
            before, read_once = success, True
        elif health.get("status") == "ok" and success != before:
            return
        if time.monotonic() + pause.total_seconds() > deadline:
            raise Unhealthy(url, waited=duration_text(timeout), last=last)
        time.sleep(pause.total_seconds())


def _read_health(url: str) -> tuple[dict[str, Any], str]:
    """Return the health document, empty if the answer is not one, and the answer as text."""
    try:
        answer = httpx.get(f"{url}/v1/health", timeout=_REQUEST_TIMEOUT_SECONDS, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        return {}, f"no answer ({exc or type(exc).__name__})"
    text = f"{answer.status_code} {answer.text[:_MAX_CHARACTERS]}".strip()
    if answer.status_code not in (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE):
        return {}, text
    try:
        health = answer.json()
    except ValueError:
        return {}, text
    return (health, text) if isinstance(health, dict) and "last_success" in health else ({}, text)
