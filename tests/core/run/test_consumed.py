"""What an attempt consumed, model by model."""

import pytest

from tock.core.run.consumed import FURTHER, MAX_MODELS, Consumed
from tock.core.run.outcome import Usage


def consumed(*usages: Usage) -> tuple[Usage, ...]:
    total = Consumed()
    for usage in usages:
        total = total.add(usage)
    return total.parts


CASES = {
    "nothing": ((Usage(), Usage()), ()),
    "one model adds up": ((Usage(1, 2, model="m"), Usage(3, cost=0.5, model="m")), (Usage(4, 2, 0.5, "m"),)),
    "each model has its part": ((Usage(1, model="m"), Usage(2, model="n")), (Usage(1, model="m"), Usage(2, model="n"))),
    "the model named last comes last": (
        (Usage(1, model="m"), Usage(2, model="n"), Usage(4, model="m")),
        (Usage(2, model="n"), Usage(5, model="m")),
    ),
    "without a name it is the model before": ((Usage(1, model="m"), Usage(2)), (Usage(3, model="m"),)),
    "without a name before, the first that is named": ((Usage(1), Usage(2, model="m")), (Usage(3, model="m"),)),
    "no name at all": ((Usage(1), Usage(2)), (Usage(3),)),
    "a name alone": ((Usage(model="m"), Usage(2)), (Usage(2, model="m"),)),
}


@pytest.mark.parametrize("case", CASES)
def test_usage_belongs_to_the_model_that_it_names(case: str) -> None:
    given, parts = CASES[case]

    assert consumed(*given) == parts


def test_so_many_models_share_a_name_without_a_price() -> None:
    models = [f"m{number}" for number in range(MAX_MODELS + 3)]

    parts = consumed(*(Usage(1, model=model) for model in models))

    assert [part.model for part in parts] == [*models[:MAX_MODELS], FURTHER]
    assert parts[-1].input_tokens == 3
    assert Consumed(parts).total == Usage(MAX_MODELS + 3, model=FURTHER)
