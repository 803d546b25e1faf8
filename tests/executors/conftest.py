"""The context of a run for the tests of the executors."""

from collections.abc import Callable

import pytest

from executors.recorder import Recorder
from tock.ports.executor import RunContext


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def context(recorder: Recorder) -> RunContext:
    return recorder.context()


@pytest.fixture
def context_with(recorder: Recorder) -> Callable[..., RunContext]:
    return recorder.context
