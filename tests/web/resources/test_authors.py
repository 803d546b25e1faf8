"""Who did something, in words."""

import pytest

from tock.web.resources.authors import author_first, author_text


@pytest.mark.parametrize(
    ("author", "words", "first"),
    [
        ("local", "somebody on this machine", "Somebody on this machine"),
        ("deployment-key", "somebody with the admin key", "Somebody with the admin key"),
        ("overlap", "the overlap policy", "The overlap policy"),
        ("key:ci", "the key ci", "The key ci"),
        ("agent:digest", "the agent digest", "The agent digest"),
        ("run:0123456789abcdef01234567", "the run 01234567", "The run 01234567"),
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        ("other:thing", "other:thing", "other:thing"),
    ],
)
def test_an_author_is_told_in_words(author: str, words: str, first: str) -> None:
    assert (author_text(author), author_first(author)) == (words, first)
