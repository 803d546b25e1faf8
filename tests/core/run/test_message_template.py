"""A message template filled from a payload."""

from typing import Any

import pytest

from tock.core.run.messages.message_template import LONGEST_VALUES, Message, fill_message

PAYLOAD: dict[str, Any] = {
    "repo": "shelf",
    "größe": "groß",
    "count": 3,
    "ratio": 0.5,
    "on": True,
    "none": None,
    "empty": "",
    "list": [1, "zwei"],
    "user": {"name": "Ada", "address": {"city": "Zürich"}},
    "template": "{{repo}}",
    "braces": "}} {{",
    "group": r"\g<0> \1 %s $1",
    "snake_case-id": "ok",
    "payload": {"repo": "inner"},
}

FILLED: dict[str, tuple[str, str]] = {
    "no placeholder": ("Read the shelf.", "Read the shelf."),
    "empty": ("", ""),
    "a name": ("Read {{repo}}.", "Read shelf."),
    "with the leading payload": ("Read {{payload.repo}}.", "Read shelf."),
    "spaces inside": ("Read {{  payload.repo }}.", "Read shelf."),
    "twice": ("{{repo}}{{repo}}", "shelfshelf"),
    "a nested path": ("{{user.address.city}}", "Zürich"),
    "a nested path with the leading payload": ("{{payload.user.name}}", "Ada"),
    "a payload within the payload": ("{{payload.payload.repo}}", "inner"),
    "an object as JSON": ("{{user}}", '{"name": "Ada", "address": {"city": "Zürich"}}'),
    "a list as JSON": ("{{list}}", '[1, "zwei"]'),
    "a number": ("{{count}} {{ratio}}", "3 0.5"),
    "a truth value": ("{{on}}", "true"),
    "null": ("{{none}}", "null"),
    "an empty text": ("[{{empty}}]", "[]"),
    "a name beyond ASCII": ("{{größe}}", "groß"),
    "a name with a dash": ("{{snake_case-id}}", "ok"),
    "a value that looks like a placeholder stays as it is": ("{{template}}", "{{repo}}"),
    "values do not join to a placeholder": ("{{{{template}}}}", "{{{{repo}}}}"),
    "braces in a value": ("{{braces}}repo}}", "}} {{repo}}"),
    "a value that looks like a group": ("{{group}}", r"\g<0> \1 %s $1"),
    "single braces": ("{repo}", "{repo}"),
    "half open": ("{{repo", "{{repo"),
    "half closed": ("repo}}", "repo}}"),
    "a space within the name": ("{{re po}}", "{{re po}}"),
    "nothing inside": ("{{}}", "{{}}"),
}


@pytest.mark.parametrize(("template", "text"), FILLED.values(), ids=FILLED)
def test_a_template_is_filled(template: str, text: str) -> None:
    assert fill_message(template, payload=PAYLOAD) == Message(text=text, missing=())


MISSING: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "an unknown name": ("Read {{shop}}.", "Read .", ("shop",)),
    "an unknown path": ("{{user.phone}}", "", ("user.phone",)),
    "a path through a text": ("{{repo.name}}", "", ("repo.name",)),
    "a path through a list": ("{{list.0}}", "", ("list.0",)),
    "a path through null": ("{{none.more}}", "", ("none.more",)),
    "a path as it was written": ("{{payload.shop}}", "", ("payload.shop",)),
    "an empty step": ("{{user..name}}", "", ("user..name",)),
    "each of several, in order": ("{{b}} {{repo}} {{a}}", " shelf ", ("b", "a")),
}


@pytest.mark.parametrize(("template", "text", "missing"), MISSING.values(), ids=MISSING)
def test_what_is_missing_becomes_empty_and_is_named(template: str, text: str, missing: tuple[str, ...]) -> None:
    assert fill_message(template, payload=PAYLOAD) == Message(text=text, missing=missing)


OWN = {"scheduled_for": "2027-03-28T07:00:00Z", "time_zone": "Europe/Berlin"}
OWN_FILLED: dict[str, tuple[str, str]] = {
    "a value of Tock's own": ("At {{scheduled_for}}.", "At 2027-03-28T07:00:00Z."),
    "spaces inside": ("{{ time_zone }}", "Europe/Berlin"),
    "the payload's of the same name": ("{{payload.scheduled_for}}", "never"),
    "beside the payload's": ("{{repo}} in {{time_zone}}", "shelf in Europe/Berlin"),
}


@pytest.mark.parametrize(("template", "text"), OWN_FILLED.values(), ids=OWN_FILLED)
def test_values_of_tocks_own_go_before_the_payloads(template: str, text: str) -> None:
    payload = {"repo": "shelf", "scheduled_for": "never"}

    assert fill_message(template, payload=payload, own=OWN) == Message(text=text, missing=())


@pytest.mark.parametrize("name", ["scheduled_for.year", "payload.time_zone", "scheduled_For"])
def test_what_only_looks_like_a_value_of_tocks_own_is_missing(name: str) -> None:
    assert fill_message(f"{{{{{name}}}}}", payload={}, own=OWN) == Message(text="", missing=(name,))


def test_what_is_missing_twice_is_named_once() -> None:
    assert fill_message("{{b}}{{a}}{{b}}", payload={}).missing == ("b", "a")


def test_the_payload_itself_is_its_json() -> None:
    payload = {"repo": "shelf", "count": 3}

    assert fill_message("{{payload}}", payload=payload).text == '{"repo": "shelf", "count": 3}'


def test_values_are_cut_before_a_run_outgrows_its_document() -> None:
    payload = {"text": "x" * 60_000}

    message = fill_message("<{{text}}|{{text}}|{{text}}>" * 300, payload=payload)

    assert message.text.startswith(f"<{'x' * 60_000}|{'x' * 40_000}…|…><…|…|…>")
    assert message.text.count("x") == LONGEST_VALUES
    assert message.cut


def test_a_text_that_cannot_be_stored_becomes_one_that_can() -> None:
    message = fill_message("<{{half}}{{object}}>", payload={"half": "\ud800", "object": {"a": "\udfff"}})

    assert message.text == '<?{"a": "?"}>'
    assert message.text.encode()
