"""How many entries a list has, as the page with its entries 51 to 100 says it."""

import pytest

from tock.ports.store import Total
from tock.web.console.totals import whole


@pytest.mark.parametrize(
    ("total", "ends", "words"),
    [
        (Total(1_234), False, "1,234"),
        (Total(100), True, "100"),
        # Entries came, or went, while the other pages were read.
        (Total(103), True, "103"),
        (Total(98), True, "100"),
        (Total(99, exact=False), False, "more than 100"),
        (Total(10_000, exact=False), False, "more than 10,000"),
        (Total(99, exact=False), True, "100"),
    ],
)
def test_a_page_says_how_many_there_are(*, total: Total, ends: bool, words: str) -> None:
    assert whole(total, last=100, ends=ends) == words
