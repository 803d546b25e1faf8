"""Checks the Terraform against checkov's policies: `python -m infra.policies CHECKOV`, with the path of checkov.

It contacts no server. It fails if a policy does. It also fails if checkov cannot parse a file or passes too few checks,
which checkov itself does not count as a failure.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from infra.configuration import INFRA, documents

_OPTIONS = ("--framework", "terraform", "--skip-download", "--compact", "--output", "json")
#: Far fewer than pass today. If fewer than this pass, checkov no longer understands the files.
_LEAST_PASSED = 15
TIMEOUT_SECONDS = 300


def main() -> int:
    """Print what checkov found; return 0 if every policy holds."""
    [_, checkov] = sys.argv
    done = subprocess.run(
        [checkov, "--directory", str(INFRA), *_OPTIONS],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    try:
        report: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError:
        sys.stderr.write(f"{done.stdout}\n{done.stderr}\n")
        return 1
    found = list(problems(report))
    lines = (*found, f"checkov {report['summary']['checkov_version']}: {_counted(report)}")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if found else 0


def problems(report: Mapping[str, Any]) -> Sequence[str]:
    """Return the failed policies and other problems, one line each."""
    results = report["results"]
    failed = [
        f"{check['check_id']} {check['resource']} ({check['file_path']}): {check['check_name']}"
        for check in results["failed_checks"]
    ]
    unread = [f"checkov cannot read {file}" for file in results["parsing_errors"]]
    passed = report["summary"]["passed"]
    few = (
        []
        if passed >= _LEAST_PASSED
        else [f"only {passed} checks of {len(documents())} files: checkov sees too little"]
    )
    return [*failed, *unread, *few]


def _counted(report: Mapping[str, Any]) -> str:
    summary = report["summary"]
    return ", ".join(f"{summary[kind]} {kind}" for kind in ("passed", "failed", "skipped"))


if __name__ == "__main__":
    sys.exit(main())
