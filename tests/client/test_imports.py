"""`import tock` is cheap, and each name that it offers is there."""

import subprocess
import sys

import pytest

import tock

HEAVY = ("fastapi", "starlette", "google", "httpx", "pydantic", "anyio", "httpcore", "tock.client", "tock.core")


def _imported(program: str) -> set[str]:
    imported = f"before = set(sys.modules); {program}; print(*(set(sys.modules) - before))"
    code = f"import sys; sys.path[:] = {sys.path!r}; {imported}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_tock_imports_nothing_else() -> None:
    imported = _imported("import tock")

    assert {name for name in imported if name.startswith("tock.")} == set()
    assert imported.isdisjoint(HEAVY)


@pytest.mark.parametrize("name", ["Client", "AsyncClient"])
def test_a_client_needs_nothing_of_the_server(name: str) -> None:
    imported = _imported(f"import tock; tock.{name}")

    assert imported.isdisjoint(
        {"fastapi", "starlette", "google", "google.cloud", "grpc", "uvicorn", "typer", "jsonschema"}
    )
    assert not {module for module in imported if module.startswith(("tock.web.api", "tock.store", "tock.executors"))}


def test_every_name_is_offered_and_found() -> None:
    assert set(tock.__all__) == set(tock._MODULES)
    assert set(tock.__all__) <= set(dir(tock))
    for name in tock.__all__:
        assert getattr(tock, name).__name__ == name
    with pytest.raises(AttributeError, match="module 'tock' has no attribute 'Cilent'"):
        getattr(tock, "Cilent")  # noqa: B009 - the misspelt name of a user
