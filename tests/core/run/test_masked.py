"""Secrets in outcomes and in what was consumed, whatever stands in the place of a number."""

from typing import Any

import pytest

from tock.core.mask import Mask
from tock.core.run.masked import masked_outcome, masked_usage
from tock.core.run.outcome import Continue, Failed, Succeeded, Usage, WaitFor, Waiting

SECRET = "s3cr3t-token"
MASK = Mask([SECRET])
CONSUMED, MASKED = Usage(1, 2, 0.5, SECRET), Usage(1, 2, 0.5, "***")


@pytest.mark.parametrize(
    ("outcome", "masked"),
    [
        (
            Succeeded({SECRET: [SECRET]}, usage=CONSUMED, warnings=(SECRET, "a")),
            Succeeded({"***": ["***"]}, usage=MASKED, warnings=("***", "a")),
        ),
        (Failed(SECRET, f"it is {SECRET}", retryable=True), Failed("***", "it is ***", retryable=True)),
        (Waiting(WaitFor.INPUT, question=SECRET, usage=CONSUMED), Waiting(WaitFor.INPUT, question="***", usage=MASKED)),
        (Continue(usage=CONSUMED), Continue(usage=MASKED)),
    ],
    ids=["succeeded", "failed", "waiting", "continued"],
)
def test_every_text_of_an_outcome_is_masked(outcome: Any, masked: Any) -> None:
    assert masked_outcome(outcome, MASK) == masked


def test_a_text_in_the_place_of_a_number_is_masked_and_other_values_stay() -> None:
    odd: Any = [object(), {SECRET: 1}, f"about {SECRET}"]

    masked = masked_usage(Usage(odd[2], odd[0], odd[1]), MASK)

    assert (masked.input_tokens, masked.output_tokens, masked.cost) == ("about ***", odd[0], odd[1])
