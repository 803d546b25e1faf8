"""What a list keeps that the API cannot choose."""

from typing import Any

import pytest

from tock.cli.errors import CommandError
from tock.cli.input.filters import keeping

ITEMS = [
    {"id": "a", "kind": "http", "enabled": True, "labels": {"team": "shop", "tier": "1"}},
    {"id": "b", "kind": "http", "enabled": False, "labels": {"team": "shop"}},
    {"id": "c", "kind": "python", "enabled": True, "labels": {}},
]


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({"enabled": True}, "ac"),
        ({"enabled": False}, "b"),
        ({"labels": ["team=shop"]}, "ab"),
        ({"labels": ["team=shop", "tier=1"]}, "a"),
        ({"labels": ["tier=2"]}, ""),
        ({"kind": "http", "enabled": False}, "b"),
    ],
)
def test_what_matches_every_filter_is_kept(given: dict[str, Any], ids: str) -> None:
    keep = keeping(**{"enabled": None, "labels": None} | given)

    assert keep is not None
    assert [item["id"] for item in ITEMS if keep(item)] == list(ids)


def test_without_filters_nothing_is_looked_at() -> None:
    assert keeping(enabled=None, labels=None, kind=None) is None


def test_what_is_no_label_is_refused() -> None:
    with pytest.raises(CommandError, match="--label: 'team' is no pair"):
        keeping(enabled=None, labels=["team"])
