"""What is masked in texts and JSON values, in whatever way a secret is written."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tock.core.mask import MASKED, SHORTEST, Mask
from tock.core.run.run_token import TOKEN_PATTERN, RunTokens

TOKEN = 'tok-"1+2/3"-ü'
MASK = Mask(["whsec_c2VjcmV0c2VjcmV0", TOKEN, "short"])


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("nothing of that kind", "nothing of that kind"),
        ("whsec_c2VjcmV0c2VjcmV0", "***"),
        ("key=c2VjcmV0c2VjcmV0;", "key=***;"),
        (f"<{TOKEN}>{TOKEN}", "<***>***"),
        (json.dumps({"token": TOKEN}), '{"token": "***"}'),
        (json.dumps({"token": TOKEN}, ensure_ascii=False), '{"token": "***"}'),
        (f"https://example.com/?t={quote(TOKEN, safe='')}&v=1", "https://example.com/?t=***&v=1"),
        ("a short word is none", "a short word is none"),
        ({TOKEN: [1, None, {"a": f"({TOKEN})"}]}, {"***": [1, None, {"a": "(***)"}]}),
        (7, 7),
        (None, None),
    ],
)
def test_secrets_are_masked_and_nothing_else(value: Any, masked: Any) -> None:
    assert MASK(value) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("it said whsec_c2VjcmV0c2Vj", "it said ***"),
        ("it said whsec_c2", "it said ***"),
        ("it said c2VjcmV0c", "it said ***"),
        ("it said whsec_c", "it said whsec_c"),
        ("whsec_c2VjcmV0c2Vj, it said", "whsec_c2VjcmV0c2Vj, it said"),
        ("it said whsec_c2VjcmV0c2Vj…, and c2VjcmV0c2V…", "it said ***…, and ***…"),
        ("… whsec_c…", "… whsec_c…"),
    ],
)
def test_the_end_of_a_text_that_was_cut_inside_a_secret_is_masked(text: str, masked: str) -> None:
    assert MASK(text) == masked


def test_a_secret_inside_another_leaves_nothing_of_the_longer_one() -> None:
    assert Mask(["password", "user:password"])("Basic user:password") == "Basic ***"


RUN_TOKEN = RunTokens("k" * 32).token(project="acme", run="run-1")


@pytest.mark.parametrize(
    "written",
    [
        RUN_TOKEN,
        f"Authorization: Bearer {RUN_TOKEN}",
        json.dumps({"token": RUN_TOKEN}).replace("/", "\\/"),
        f"https://example.com/?t={quote(RUN_TOKEN, safe='')}&v=1",
    ],
)
def test_what_a_pattern_matches_is_masked_whatever_its_value(written: str) -> None:
    masked = Mask([], patterns=[TOKEN_PATTERN])({"said": [written]})["said"][0]

    assert RUN_TOKEN[-43:] not in masked
    assert MASKED in masked
    assert Mask([], patterns=[TOKEN_PATTERN])("tock-run is no token") == "tock-run is no token"


def test_a_user_and_a_password_are_masked_as_the_header_writes_them() -> None:
    header = f"Basic {b64encode(b'ada:lovelace').decode()}"

    assert Mask(["ada:lovelace"])(header) == "Basic ***"


def test_without_secrets_a_value_stays_the_same_object() -> None:
    value = {"a": ["b"]}

    assert Mask([])(value) is value


@given(
    secrets=st.lists(st.text(min_size=SHORTEST, max_size=20), min_size=1, max_size=3),
    around=st.lists(st.text(max_size=10), min_size=2, max_size=2),
)
def test_no_secret_is_left_and_no_text_grows(secrets: list[str], around: list[str]) -> None:
    text = around[0] + "".join(secrets) + around[1]

    masked = Mask(secrets)(text)

    assert len(masked) <= len(text)
    assert not any(secret in masked.replace(MASKED, "") and secret in masked for secret in secrets)


def test_a_secret_of_several_lines_is_masked_line_by_line() -> None:
    key = "-----BEGIN KEY-----\n  MIIEvQIBADANBgkq\nend\n-----END KEY-----\n"
    mask = Mask([key])

    assert mask(f"<{key}>") == "<***>"
    assert [mask(line) for line in f"the key\n{key}".splitlines()] == ["the key", "***", "  ***", "end", "***"]
