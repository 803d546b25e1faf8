"""Refs are what git accepts for the name of a branch or a tag, and no command takes for an option."""

import re
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tock.core.errors import InvalidArgument
from tock.core.fields.git_ref import PATTERN, require_ref

ACCEPTED = [
    "main",
    "v1.2.3",
    "feature/digest",
    "refs/heads/x",
    "a-b_c",
    "HEAD",
    "@a",
    "a@b",
    "a.lockx",
    "ü",
    "\U0001f600",
    "0" * 256,
]
REFUSED = [
    *(
        "",
        "@",
        "-x",
        "--help",
        ".a",
        "a/.b",
        "a.",
        "a/",
        "/a",
        "a//b",
        "a..b",
        "a.lock",
        "a.lock/b",
        "a@{b",
        "a b",
        "a\tb",
    ),
    *("a\nb", "a\n", "a\x00b", "a\x7fb", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "../..//\x00 bad", "0" * 257),
]


@pytest.mark.parametrize("ref", ACCEPTED)
def test_a_name_that_git_accepts_is_accepted(ref: str) -> None:
    require_ref(ref, field="input.ref")


@pytest.mark.parametrize("ref", REFUSED, ids=ascii)
def test_any_other_text_is_refused_with_a_remedy(ref: str) -> None:
    with pytest.raises(InvalidArgument, match="git check-ref-format") as refused:
        require_ref(ref, field="input.ref")

    assert (refused.value.field, refused.value.value) == ("input.ref", ref)


def test_no_ref_is_accepted() -> None:
    require_ref(None, field="input.ref")


PARTS = st.sampled_from([*"ab/.@{~^:?*[\\ -", ".lock", "..", "@{", "ü", "\x7f", "\t"])


@given(st.lists(PARTS, min_size=1, max_size=6).map("".join))
@settings(max_examples=150)
@example("a.lock.lock")
def test_git_itself_says_the_same(ref: str) -> None:
    git = subprocess.run(["git", "check-ref-format", "--allow-onelevel", ref], check=False, capture_output=True)  # noqa: S607

    try:
        require_ref(ref, field="input.ref")
        accepted = True
    except InvalidArgument:
        accepted = False

    assert accepted == (git.returncode == 0 and not ref.startswith("-"))
    assert accepted == (re.search(PATTERN, ref) is not None)
