"""JSON objects as people type them."""

from pathlib import Path
from typing import Any

import pytest

from tock.cli.errors import CommandError
from tock.cli.input.json_object import object_from, pairs_from


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (["repo=acme/shop"], {"repo": "acme/shop"}),
        (["count=3", "deep.er=true", "deep.down=null"], {"count": 3, "deep": {"er": True, "down": None}}),
        (['name="3"', "empty=", "formula=a=b"], {"name": "3", "empty": "", "formula": "a=b"}),
        (['{"a": {"b": 1}}', "a.c=[1, 2]"], {"a": {"b": 1, "c": [1, 2]}}),
        (['{"a": "x=y"}'], {"a": "x=y"}),
        (["a=1", '{"a": 2}'], {"a": 2}),
        (["a.b=1", "a=2"], {"a": 2}),
        ([], None),
        (None, None),
    ],
)
def test_pairs_and_json_make_one_object(texts: list[str] | None, value: Any) -> None:
    assert object_from(texts, option="--payload") == value


def test_a_file_is_read_also_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "a=b.json"
    file.write_bytes(b'\xef\xbb\xbf{"a": 1}')

    assert object_from([f"@{file}", "b=2"], option="--payload") == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{oops", "--payload: not JSON: "),
        ("[1]", "--payload: a JSON object is needed, not list"),
        ("repo", "--payload: not JSON: "),
        ("=3", "--payload: '=3' has no name before '='"),
        ("a..b=3", "--payload: 'a..b=3' has no name before '='"),
        ("@nowhere=1.json", "--payload: No such file or directory: nowhere=1.json"),
        ("[" * 100_000, "--payload: the JSON is nested too deeply: flatten it"),
    ],
)
def test_what_is_no_object_is_refused(text: str, says: str) -> None:
    with pytest.raises(CommandError) as refused:
        object_from([text], option="--payload")

    assert says in str(refused.value)


def test_pairs_are_texts() -> None:
    assert pairs_from(["team=3", "to=a=b"], option="--label") == {"team": "3", "to": "a=b"}

    with pytest.raises(CommandError) as refused:
        pairs_from(["team"], option="--label")

    assert str(refused.value) == "--label: 'team' is no pair"
