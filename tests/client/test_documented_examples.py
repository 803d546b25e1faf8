"""The examples of docs/guides/client.md: each runs as it stands there, against the real API."""

import asyncio
import os
import re
import subprocess
import sys

import pytest

from client.conftest import Hosted
from documentation.pages import codes
from web.rig import ADMIN_KEY, ok

pytestmark = pytest.mark.anyio
EXAMPLES = codes("docs/guides/client.md", "python")
#: What each prints, as a pattern.
PRINTS = [
    r"\S+ queued\n",
    r"morning 2\n",
    r"run\.created .*\n(progress .*\n|run\..*\n)*run\.settled .*\n\{'message': 'Hello', .*\}\n",
    r"schedule\.cron = 61 9 \* \* \*: .+\n",
]


@pytest.mark.parametrize("place", range(len(PRINTS)))
async def test_an_example_does_what_the_page_says(hosted: Hosted, place: int) -> None:
    if place == 1:
        await hosted.rig.make_trigger()
    variables = {"TOCK_SERVER": hosted.url, "TOCK_PROJECT": "acme", "TOCK_KEY": ADMIN_KEY}
    program = asyncio.create_task(asyncio.to_thread(_printed, EXAMPLES[place], variables))
    if place == 2:
        while not (runs := ok(await hosted.rig.api.get("/v1/projects/acme/runs"))["runs"]):
            assert not program.done(), program.result()
            await asyncio.sleep(0.02)
        await hosted.rig.execute(runs[0])

    assert re.fullmatch(PRINTS[place], await program)


def test_every_example_of_the_page_is_run() -> None:
    assert len(EXAMPLES) == len(PRINTS)


def _printed(program: str, variables: dict[str, str]) -> str:
    code = f"import sys; sys.path[:] = {sys.path!r}\n{program}"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | variables, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr
