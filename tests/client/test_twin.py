"""The blocking client is the asynchronous one without `async` and `await`."""

import pytest

from client.twin import TARGET, blocking, twins


def test_the_blocking_client_is_as_it_is_made_from_the_asynchronous_one() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in TARGET.glob("*.py")}

    assert found == twins(), "run `make client`"


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("async def f(self) -> int:\n    return await self.g()\n", "def f(self) -> int:\n    return self.g()\n"),
        ("async with a as b:\n    async for c in b:\n        pass\n", "with a as b:\n    for c in b:\n        pass\n"),
        ("x: AsyncIterator[int] = y\n", "x: Iterator[int] = y\n"),
        ("from tock.client._async.runs import AsyncRuns\n", "from tock.client._sync.runs import Runs\n"),
        ('def f() -> "AsyncRuns": ...\n', 'def f() -> "Runs": ...\n'),
        ('"""Say await and async."""\n', '"""Say await and async."""\n'),
        ("await anyio.sleep(\n    1,  # await\n)\n", "time.sleep(\n    1,  # await\n)\n"),
        ("with a:\n\n    # one\n    x = \\\n        await b\n", "with a:\n\n    # one\n    x = \\\n        b\n"),
    ],
    ids=["function", "statements", "type", "import", "quoted type", "docstring", "call", "lines"],
)
def test_a_module_keeps_all_but_what_waits(given: str, made: str) -> None:
    assert blocking(given).partition("\n")[2] == made
