"""The executors of a deployment, by kind."""

from collections.abc import Callable
from typing import Any

import pytest

from tock.core.errors import InvalidArgument
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors


def test_an_executor_is_found_by_its_kind() -> None:
    python = PythonExecutor(modules=[])

    executors = Executors([python])

    assert dict(executors) == {"python": python}
    assert "http" not in executors


@pytest.mark.parametrize("lookup", [lambda executors: executors["shell"], lambda executors: executors.get("shell")])
def test_an_unknown_kind_names_the_known_ones(lookup: Callable[[Executors], Any]) -> None:
    with pytest.raises(InvalidArgument, match="this deployment has these kinds: python") as caught:
        lookup(Executors([PythonExecutor(modules=[])]))

    assert (caught.value.field, caught.value.value) == ("kind", "shell")


def test_a_kind_whose_libraries_are_missing_says_which_extra_installs_them() -> None:
    executors = Executors([PythonExecutor(modules=[])], extras={"llm": "llm"})

    with pytest.raises(InvalidArgument, match=r"kind: install tock\[llm\] for agents of kind llm"):
        executors["llm"]


def test_two_executors_of_one_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="Two executors have the same kind"):
        Executors([PythonExecutor(modules=[]), PythonExecutor(modules=[])])
