"""Which field is suggested for one that a model does not have."""

import pytest
from pydantic import ValidationError

from tock.web.resources.triggers.trigger import NewTrigger
from tock.web.validation_errors import invalid_request

WHOLE = {"agent": "digest", "schedule": {"cron": "0 9 * * *"}}


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"timout": "5m"}, "timout", "did you mean timeout?"),
        ({"catchup": {}}, "catchup", "did you mean catch_up?"),
        ({"retry": {"max_retry": 1}}, "retry.max_retry", "did you mean max_retries?"),
        ({"input": {"mesage": "x"}}, "input.mesage", "did you mean message?"),
        ({"schedule": {"every": "1h", "ancor": "x"}}, "schedule.ancor", "did you mean anchor?"),
        ({"evidence": {"event": []}}, "evidence.event", "did you mean events?"),
        ({"body": 1}, "body", "check the spelling, or leave it out of the body"),
        ({"retry": {"colour": 1}}, "retry.colour", "check the spelling, or leave it out of the body"),
        ({"retry": {"timeout": "5m"}}, "retry.timeout", "check the spelling, or leave it out of the body"),
    ],
)
def test_a_misspelt_field_is_named_with_the_one_that_stands_at_its_place(
    fields: dict[str, object], field: str, said: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        NewTrigger.model_validate(WHOLE | fields)

    [error] = invalid_request(raised.value.errors(), model=NewTrigger).field_errors

    assert (error.field, error.message) == (field, f"is not known here: {said}")
