"""`tock` in the process of the tests: a process of its own takes longer to import what it needs than to do it."""

import contextlib
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tock.cli.main import main

_ONE_AT_A_TIME = threading.Lock()


def entered(*words: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Call `tock` with these words as its process does, in this folder, with environment variables besides."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    # The folder, the environment and the output belong to the process: two threads would run in each other's folder.
    with (
        _ONE_AT_A_TIME,
        Path(os.devnull).open(encoding="utf-8") as nothing,
        pytest.MonkeyPatch.context() as patch,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["tock", *words])
        patch.setattr(sys, "stdin", nothing)
        status = _status()
    said = [stream.buffer.getvalue().decode() for stream in (output, errors)]  # type: ignore[attr-defined] # BytesIO
    return subprocess.CompletedProcess(words, status, *said)


def _status() -> int:
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0
