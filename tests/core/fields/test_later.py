"""Fields that earlier versions refuse are stored only once somebody uses them."""

from datetime import timedelta
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from core.builders import EVERY_MINUTE
from tock.core.agent.evidence import Evidence
from tock.core.fields.later import LATER, stored_dump, stored_fields
from tock.core.policies import Retry, SessionMode
from tock.core.project import ProjectSpec
from tock.core.trigger.trigger import TriggerSpec


class Inner(BaseModel):
    old: bool = False
    new: Annotated[bool, LATER] = False


class Outer(BaseModel):
    inner: Inner = Inner()
    length: timedelta = timedelta(minutes=1)
    new: Annotated[int | None, LATER] = None


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        (Inner(), {"old": False}),
        (Inner(old=True, new=True), {"old": True, "new": True}),
        (Outer(), {"inner": Inner(), "length": timedelta(minutes=1)}),
        (Outer(new=0), {"inner": Inner(), "length": timedelta(minutes=1), "new": 0}),
    ],
    ids=repr,
)
def test_a_later_field_is_stored_unless_it_has_its_default(document: BaseModel, fields: dict[str, Any]) -> None:
    assert stored_fields(document) == fields


@pytest.mark.parametrize(
    ("document", "dumped"),
    [
        (Outer(), {"inner": {"old": False}, "length": "PT1M"}),
        (Outer(inner=Inner(new=True), new=7), {"inner": {"old": False, "new": True}, "length": "PT1M", "new": 7}),
    ],
    ids=repr,
)
def test_models_within_a_model_are_dumped_without_their_later_fields(
    document: BaseModel, dumped: dict[str, Any]
) -> None:
    assert stored_dump(document) == dumped


LATER_FIELDS = {"start_deadline", "max_parallel", "session", "evidence", "progress_every", "labels"}


def test_the_fields_that_the_first_version_refuses_are_not_stored_while_nobody_uses_them() -> None:
    plain = TriggerSpec(agent="reader", schedule=EVERY_MINUTE)
    used = plain.model_copy(
        update={
            "start_deadline": timedelta(minutes=2),
            "max_parallel": 2,
            "session": SessionMode.CONTINUE,
            "evidence": Evidence(min_tokens=1),
            "progress_every": timedelta(minutes=1),
            "labels": {"team": "shop"},
            "retry": Retry(max_retries=0, give_up_at_next=True),
        }
    )

    assert stored_dump(plain).keys() == TriggerSpec.model_fields.keys() - LATER_FIELDS
    assert stored_dump(plain)["retry"] == {"max_retries": 2, "delay": "PT1M"}
    assert stored_dump(used).keys() == TriggerSpec.model_fields.keys()
    assert stored_dump(used)["retry"] == {"max_retries": 0, "delay": "PT1M", "give_up_at_next": True}
    assert stored_dump(ProjectSpec(name="Shop")).keys() == {"name", "description"}
    assert stored_dump(ProjectSpec(concurrency=2))["concurrency"] == 2
