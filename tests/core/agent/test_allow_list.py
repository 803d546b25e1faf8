"""Allow-lists by project: `*` holds for every project, and the simple form for every project too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tock.core.agent.allow_list import AllowList

IDS = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True).filter(lambda text: text not in {"new", "run", "null"})
ENTRIES = st.lists(st.from_regex(r"[a-z][a-z.]{0,8}[*]?", fullmatch=True), max_size=3).map(tuple)


def test_entries_separated_by_commas_are_for_every_project() -> None:
    allowed = AllowList.parse(" acme.agents, acme.more ,,")

    assert allowed == AllowList({"*": ("acme.agents", "acme.more")})
    assert allowed.of_project("demo") == ("acme.agents", "acme.more")


def test_an_object_names_the_projects() -> None:
    allowed = AllowList.parse('{"demo": ["acme.demo"], "*": ["acme.shared"], "other": []}')

    assert allowed.of_project("demo") == ("acme.demo", "acme.shared")
    assert allowed.of_project("other") == allowed.of_project("third") == ("acme.shared",)
    assert allowed.entries == ("acme.demo", "acme.shared")


def test_nothing_is_allowed_without_a_word() -> None:
    for text in ("", " ", ",", "{}", '{"*": []}'):
        assert AllowList.parse(text).of_project("demo") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"demo": ["a"]', "is not JSON"),
        ('{"demo": ["a"], "demo": ["b"]}', "'demo' occurs twice"),
        ('{"demo": "acme.agents"}', "must be a list of texts"),
        ('{"demo": [7]}', "must be a list of texts"),
        ('{"demo": [" "]}', "must be a list of texts"),
        ('{"a b": []}', "'a b' is not a project's id"),
        ('{"": []}', "'' is not a project's id"),
        ('{"demo*": []}', "'demo*' is not a project's id"),
        ("{\ud800}", "is not JSON"),
    ],
)
def test_what_cannot_be_read_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"write|list|JSON") as refused:
        AllowList.parse(text)

    assert says in str(refused.value)


def test_further_entries_are_for_every_project_and_come_once() -> None:
    allowed = AllowList.parse('{"demo": ["a"]}').allowing("b", "b").allowing("b", "c")

    assert allowed == AllowList({"demo": ("a",), "*": ("b", "c")})


@given(st.dictionaries(IDS | st.just("*"), ENTRIES, max_size=3), IDS)
def test_the_text_of_an_allow_list_is_read_as_the_same(by_project: dict[str, tuple[str, ...]], project: str) -> None:
    allowed = AllowList(by_project)

    read = AllowList.parse(allowed.text)

    assert read == allowed
    assert set(read.of_project(project)) == {*by_project.get(project, ()), *by_project.get("*", ())}
