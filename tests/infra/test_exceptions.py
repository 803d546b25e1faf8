"""Every policy that checkov is told to leave out has a reason beside it."""

import re

from infra.configuration import files

_EXCEPTION = re.compile(r"checkov:skip=(\w+)(?::\s*(.*))?$", re.MULTILINE)


def test_every_exception_says_why() -> None:
    exceptions = [found for file in files() for found in _EXCEPTION.findall(file.read_text())]

    assert sorted(policy for policy, _ in exceptions) == ["CKV_GCP_124", "CKV_GCP_62", "CKV_GCP_84"]
    assert [policy for policy, reason in exceptions if len(reason.split()) < 5] == []
