"""The stack of `tock dev newcomers --demo`, which the end-to-end tests share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from end_to_end.running_stack import RunningStack, running_dev


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    repository = str(Path(__file__).parents[2])
    timing = {"TOCK_HEARTBEAT": "PT2S", "TOCK_LEASE": "PT6S"}
    folder = tmp_path_factory.mktemp("dev")
    shutil.copy(Path(__file__).with_name("newcomers.py"), folder)
    with running_dev(folder, "newcomers", "--demo", "--repo", repository, **timing) as stack:
        yield stack
