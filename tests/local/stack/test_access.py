"""Which keys open a local stack."""

import hashlib

import pytest

from tock.local.stack.access import Access

HASH = hashlib.sha256(b"key").hexdigest()


@pytest.fixture(autouse=True)
def _no_key_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCK_ADMIN_KEY_HASH", raising=False)


@pytest.mark.parametrize(
    ("key", "wanted", "needs_key", "opens_all", "headers"),
    [
        ("", "", False, True, {}),
        ("key", "", False, True, {}),
        ("key", HASH, True, True, {"Authorization": "Bearer key"}),
        ("another", HASH, True, False, {}),
        ("", HASH, True, False, {}),
        ("k\udce9y", HASH, True, False, {}),
    ],
    ids=["open", "open and a key", "the admin key", "another key", "no key", "half a character"],
)
def test_without_a_hash_everybody_may_call_and_with_one_only_its_key_opens_everything(
    key: str, wanted: str, *, needs_key: bool, opens_all: bool, headers: dict[str, str]
) -> None:
    access = Access.of(key, environment={"TOCK_ADMIN_KEY_HASH": wanted})

    assert (access.needs_key, access.opens_all, access.headers) == (needs_key, opens_all, headers)


def test_what_the_functions_are_given_decides_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCK_ADMIN_KEY_HASH", HASH)

    assert Access.of("", environment={}).needs_key
    assert not Access.of("", environment={"TOCK_ADMIN_KEY_HASH": ""}).needs_key
