"""The functions start fast: each imports only what it needs, with the garbage collector stopped."""

import subprocess
import sys
from pathlib import Path

import pytest

import tock

FUNCTIONS = Path(tock.__file__).parents[1]


@pytest.mark.parametrize(
    "module", ["functions.tick", "functions.run", "functions.trigger_and_retry", "authentication", "requests"]
)
def test_a_function_beside_the_api_does_not_import_fastapi(module: str) -> None:
    said = _said(f"import sys, tock.web.{module}; print(*sorted(name for name in sys.modules if name == 'fastapi'))")

    assert said == ""


def test_the_api_imports_what_renders_pages_when_the_first_page_is_asked_for() -> None:
    """In a function jinja2 is there already, because the functions framework imports Flask; the console is not."""
    program = """
import asyncio, sys
import httpx
from tock.bootstrap.api import Site
from tock.web.deployment import Access, Deployment

async def visit(*paths):
    site = Site(Deployment(services=None, access=Access(), tokens=None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url="http://tock.test") as client:
        for path in paths:
            await client.get(path)
            print(path, *(name for name in ("jinja2", "tock.web.console") if name in sys.modules))

asyncio.run(visit("/v1/openapi.json", "/v1/projects", "/sign-in"))
"""

    assert _said(program).splitlines() == ["/v1/openapi.json", "/v1/projects", "/sign-in jinja2 tock.web.console"]


def test_the_garbage_collector_stands_still_only_while_modules_are_imported() -> None:
    """What was imported until then is never looked at again: that keeps the pages of a fork shared, too."""
    said = _said("import gc, main; print(gc.isenabled(), gc.get_freeze_count() > 10_000)")

    assert said == "True True"


def _said(program: str) -> str:
    environment = {"PYTHONPATH": ":".join([str(FUNCTIONS), *sys.path]), "GOOGLE_CLOUD_PROJECT": "demo"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()
