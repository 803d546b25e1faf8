"""The list of triggers over HTTP: which of how many a page shows."""

import re
from html import unescape

import pytest

from ports.documents import MINUTE, NOW, a_trigger
from tock.core.time.stamp import Stamp
from tock.ports.store import Create
from web.console.visitors import signed_in
from web.rig import Rig

pytestmark = pytest.mark.anyio
_SHOWN = re.compile(r'<nav class="pages" aria-label="Pages">\s*<span>([^<]*)</span>')


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", "1\u201350 of 52"),
        ("?agent=x", "1\u201350 of 51"),
        ("?agent=y", "1 of 1"),
        # Firestore has no index of what is written in a name: the total would take a read for each trigger.
        ("?text=t", "1\u201350"),
        ("?text=t51", "1 of 1"),
    ],
)
async def test_a_page_says_which_triggers_of_how_many_it_shows(rig: Rig, query: str, shown: str) -> None:
    stamps = [Stamp(at=NOW + number * MINUTE, by="ada") for number in range(52)]
    triggers = [a_trigger(f"t{n:02d}", agent="x" if n else "y", created=stamp) for n, stamp in enumerate(stamps)]
    await rig.services.store.commit([Create(trigger) for trigger in triggers])
    somebody = await signed_in(rig.deployment)

    page = await somebody.get(f"/projects/acme/triggers{query}")

    assert _SHOWN.findall(unescape(page.text)) == [shown]
