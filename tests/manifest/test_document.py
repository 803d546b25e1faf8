"""YAML and JSON texts: values as JSON has them, the line of each, and no value that two readers take for two."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tock.manifest.document import DocumentRefused, read_json, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("true", True),
        ("~", None),
        ("", None),
        ("null", None),
        ("12:30", "12:30"),
        ("190:20:30", "190:20:30"),
        ("2027-01-01", "2027-01-01"),
        ("2027-01-01T09:00:00Z", "2027-01-01T09:00:00Z"),
        ("1e3", 1000.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("-7", -7),
        ("1_000", "1_000"),
        ("1.2.3", "1.2.3"),
        ("=", "="),
        ("<<", "<<"),
        ("'7'", "7"),
        ('"true"', "true"),
        ('"010"', "010"),
        ("'*/5 * * * *'", "*/5 * * * *"),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(text: str, value: object) -> None:
    found = read_yaml(f"x: {text}").value["x"]

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("a: 1\nb: 2\na: 3", "has 'a' twice in one object: keep one", 3),
        ("x:\n  1: one", "has the name '1', which is no text: quote it", 2),
        ("x:\n  true: one", "has the name 'true', which is no text: quote it", 2),
        ("x: 010", "has 010, which readers take for different numbers", 1),
        ("x: 0x1F", "has 0x1F, which readers take for different numbers", 1),
        ("x: .inf", "has .inf, which is no finite number", 1),
        ("x: 1e999", "has 1e999, which is no finite number", 1),
        ("a: &one [1]\nb: *one", "has the alias *one: write the value again instead", 2),
        ("a:\n  b: !!python/object:os.system x", "has the tag tag:yaml.org,2002:python/object:os.system", 2),
        ("a: !!str 1", "has the tag", 1),
        ("a: !custom [1]", "has the tag !custom", 1),
        ("a: [1\nb: 2", "is not YAML", 2),
        ("a: 1\n\tb: 2", "is not YAML", 2),
        ("a: 1\n---\nb: 2", "is not YAML", 2),
        ("a: *x: 2", "has the alias", 1),
        ("[" * 100 + "]" * 100, "is nested deeper than 64 levels", 1),
        ('a: "\\ud800"', "has half of a surrogate pair", 1),
    ],
)
def test_what_readers_could_understand_differently_is_refused_with_its_line(text: str, problem: str, line: int) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_yaml(text)

    assert problem in refused.value.problem
    assert refused.value.line == line


def test_every_part_knows_its_line() -> None:
    text = "agents:\n  - id: a\n    config:\n      url: x\n  - id: b\n"

    document = read_yaml(text)

    lines = {path: document.line(path) for path in [("agents",), ("agents", 0, "config", "url"), ("agents", 1, "id")]}
    assert lines == {("agents",): 1, ("agents", 0, "config", "url"): 4, ("agents", 1, "id"): 5}
    # What is absent has the line of what should hold it.
    assert document.line(("agents", 1, "kind", "x")) == 5


def test_json_is_read_with_lines_and_tabs() -> None:
    document = read_json('{\n\t"agents": [\n\t\t{"id":"a","n":1e3}\n\t]\n}')

    assert document.value == {"agents": [{"id": "a", "n": 1000.0}]}
    assert document.line(("agents", 0, "n")) == 3


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ('{"a": 1, "a": 2}', "the member 'a' occurs twice", None),
        ('{\n"a": }', "Expecting value at line 2", 2),
        ('{"a": NaN}', "NaN is not a JSON value", None),
    ],
)
def test_json_is_refused_as_the_api_refuses_it(text: str, problem: str, line: int | None) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_json(text)

    assert problem in refused.value.problem
    assert refused.value.line == line


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(_JSON)
def test_any_json_text_means_the_same(value: object) -> None:
    text = json.dumps(value, indent=2)

    assert read_json(text).value == value
    assert json.dumps(read_json(text).value) == json.dumps(value)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(-9, 9) | st.booleans() | st.none()))
def test_what_a_writer_of_yaml_writes_is_read_back(value: dict[str, object]) -> None:
    assert (read_yaml(yaml.safe_dump(value)).value or {}) == value
