"""Exit statuses tell how a run ended."""

import re
from pathlib import Path

from tock.cli.exit_status import ExitStatus, exit_status_of
from tock.core.run.status import RunStatus

DOCS = Path(__file__).parents[2] / "docs" / "guides" / "command-line.md"


def test_each_end_of_a_run_has_a_status_of_its_own() -> None:
    ends = {status: exit_status_of(status) for status in RunStatus if status.terminal}

    assert len(set(ends.values())) == len(ends)
    assert {status for status, code in ends.items() if code is ExitStatus.DONE} == {RunStatus.SUCCEEDED}
    assert ExitStatus.FAILED not in ends.values()
    assert {exit_status_of(status) for status in RunStatus if not status.terminal} == {ExitStatus.STILL_ACTIVE}


def test_the_table_of_the_docs_has_each_status() -> None:
    written = {int(code) for code in re.findall(r"^\| (\d+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)}

    assert written == set(ExitStatus)
