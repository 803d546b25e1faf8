"""The OpenAPI document of a deployment that has every kind of agent."""

import asyncio
import os
from functools import cache
from typing import Any

import anyio

from tock.bootstrap.deployment import build
from tock.bootstrap.settings import Settings
from tock.web.api.app import create_app

#: Nothing is sent there.
_NOWHERE = "127.0.0.1:1"


@cache
def document() -> dict[str, Any]:
    """Return the document. It asks no server."""
    settings = Settings.of_environment(
        {
            "GOOGLE_CLOUD_PROJECT": "tock-docs",
            "FIRESTORE_EMULATOR_HOST": _NOWHERE,
            "CLOUD_TASKS_EMULATOR_HOST": _NOWHERE,
            "TOCK_LOCATION": "europe-west1",
            "TOCK_RUN_URL": "http://127.0.0.1:1/run",
            "TOCK_TICK_URL": "http://127.0.0.1:1/tick",
        }
    )

    async def described() -> dict[str, Any]:
        return dict(create_app(build(settings, shutdown=anyio.Event())).openapi())

    before = os.environ.get("FIRESTORE_EMULATOR_HOST")
    # Firestore's client reads it from the environment, and would look for credentials without it.
    os.environ["FIRESTORE_EMULATOR_HOST"] = _NOWHERE
    try:
        return asyncio.run(described())
    finally:
        if before is None:
            del os.environ["FIRESTORE_EMULATOR_HOST"]
        else:
            os.environ["FIRESTORE_EMULATOR_HOST"] = before
