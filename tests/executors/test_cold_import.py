"""Which modules importing an executor does not import."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("tock.executors.http.executor", ["httpx", "httpcore", "standardwebhooks"]),
        ("tock.executors.python.executor", ["httpx", "httpcore", "standardwebhooks", "pydantic"]),
        (
            "tock.executors.command.executor",
            ["asyncio.subprocess", "httpx", "tock.executors.command.workspace"],
        ),
        ("tock.executors.command.keeper", ["pydantic", "asyncio"]),
        ("tock.executors.a2a.executor", ["a2a", "httpx", "google.protobuf"]),
        ("tock.executors.llm.executor", ["pydantic_ai", "fastmcp", "mcp", "jsonschema", "httpx", "openai"]),
        ("tock.executors.python.own_process.worker", ["pydantic", "asyncio", "anyio"]),
    ],
)
def test_importing_an_executor_leaves_out_what_only_a_run_needs(module: str, absent: list[str]) -> None:
    imported = f"before = set(sys.modules); import {module}; print(*(set(sys.modules) - before))"
    code = f"import sys; sys.path[:] = {sys.path!r}; {imported}"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert [name for name in absent if name in found.stdout.split()] == []
