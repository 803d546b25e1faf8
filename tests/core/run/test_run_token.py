"""Run tokens: each opens one run, and only a process with the key can make one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tock.core.run.run_token import RunTokens, is_run_token

TOKENS = RunTokens("k" * 32)
IDS = st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True)


@given(IDS, IDS)
def test_a_token_opens_its_own_run(project: str, run: str) -> None:
    token = TOKENS.token(project=project, run=run)

    assert TOKENS.opens(token) == (project, run)
    assert is_run_token(token)
    assert RunTokens("l" * 32).opens(token) is None


def test_no_other_ids_have_the_same_token() -> None:
    pairs = [("acme", "r-1"), ("acme", "r-2"), ("other", "r-1"), ("acme.r", "1"), ("acme-r", "1")]

    assert len({TOKENS.token(project=project, run=run).rpartition("/")[2] for project, run in pairs}) == len(pairs)


@pytest.mark.parametrize(
    "changed",
    [
        lambda token: token.replace("/r-1/", "/r-2/"),
        lambda token: token.replace(".acme/", ".other/"),
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token[:-1],
        lambda token: token + "=",
        lambda token: token + "\n",
        lambda token: token.upper(),
        lambda token: token.removeprefix("tock-run."),
        lambda _: "",
        lambda _: "tock-run.acme/r-1/" + "é" * 43,
    ],
)
def test_a_changed_token_opens_nothing(changed: object) -> None:
    token = TOKENS.token(project="acme", run="r-1")

    assert callable(changed)
    assert TOKENS.opens(changed(token)) is None


def test_the_key_is_not_shown() -> None:
    assert "k" * 32 not in repr(TOKENS)
