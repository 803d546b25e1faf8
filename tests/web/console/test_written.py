"""What people write into fields means what it says, or is refused with a remedy."""

import pytest

from tock.core.errors import InvalidArgument
from tock.web.console.forms.form import Form
from tock.web.console.forms.written import json_value, labels, labels_text, optional_text, whole_number


def _form(text: str) -> Form:
    return Form((("field", text),))


@pytest.mark.parametrize(
    ("text", "meant"),
    [("", None), (" \n", None), ("{}", {}), ("[1, 2]", [1, 2]), ("null", None), ('{"a": "\u00e9"}', {"a": "\u00e9"})],
)
def test_json_is_read(text: str, meant: object) -> None:
    assert json_value(_form(text), "field") == meant


@pytest.mark.parametrize("text", ["{", "{'a': 1}", '{"a": 1, "a": 2}', "NaN", '"\\ud800"', "[" * 100 + "]" * 100])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        json_value(_form(text), "field")

    assert str(refused.value).startswith("field: is not acceptable JSON: ")


@pytest.mark.parametrize(
    ("text", "meant"), [("", None), (" 7 ", 7), ("-1", "-1"), ("1.5", "1.5"), ("9" * 30, "9" * 30)]
)
def test_a_number_is_read_or_left_to_the_model_to_refuse(text: str, meant: object) -> None:
    assert whole_number(_form(text), "field") == meant


def test_labels_are_read_as_they_are_written() -> None:
    written = {"team": "shop", "empty": "", "a/b": "c"}

    assert labels(_form(labels_text(written)), "field") == written
    assert labels(_form("\n team = shop \n\n"), "field") == {"team": "shop"}


@pytest.mark.parametrize("text", ["team", "team=shop\nteam=other"])
def test_labels_that_are_none_or_come_twice_are_refused(text: str) -> None:
    with pytest.raises(InvalidArgument):
        labels(_form(text), "field")


def test_a_field_that_does_not_exist_is_blank() -> None:
    assert optional_text(Form(), "field") is None
