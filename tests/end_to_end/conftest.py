"""The stack of `tock dev --demo`, which the end-to-end tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from end_to_end.running_stack import RunningStack, running_dev


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    repository = str(Path(__file__).parents[2])
    timing = {"TOCK_HEARTBEAT": "PT2S", "TOCK_LEASE": "PT6S"}
    with running_dev(tmp_path_factory.mktemp("dev"), "--demo", "--repo", repository, **timing) as stack:
        yield stack
