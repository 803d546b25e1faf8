"""What `tock dev` reads before it applies it."""

from pathlib import Path

import pytest

import tock
from tock.bootstrap.system_clock import SystemClock
from tock.cli.applying.dev_definitions import DevDefinitions
from tock.local.sources.named import Sources
from tock.local.sources.reading import read

pytestmark = pytest.mark.anyio

WHOLE = "import tock\n\n\n@tock.agent\nasync def hello(run): ...\n"
#: What an editor has written of a module when it is read, and the rest that it writes at once.
HALF = f"import pathlib\npathlib.Path(__file__).write_text({WHOLE!r})\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_half_a_module_is_not_applied(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(HALF)
    heard: list[tuple[str, str]] = []
    sources = Sources.named(["shop"], here=tmp_path)

    with tock.Client("http://127.0.0.1:1", project="demo") as client:
        definitions = DevDefinitions(
            sources=sources, client=client, now=SystemClock().now, log=lambda *line: heard.append(line)
        )
        half = await read(sources, log=definitions.log)
        whole = await definitions._whole(half)

    assert (half.entries, half.problems) == ((), ())
    assert [entry.id for entry in whole.entries] == ["hello"]
    assert whole.edited() == ()


async def test_a_module_that_ends_python_is_read_again_only_when_it_is_edited(tmp_path: Path) -> None:
    module = tmp_path / "shop.py"
    module.write_text(WHOLE)
    sources = Sources.named(["shop"], here=tmp_path)

    with tock.Client("http://127.0.0.1:1", project="demo") as client:
        definitions = DevDefinitions(sources=sources, client=client, now=SystemClock().now, log=lambda *_: None)
        before = await read(sources, log=definitions.log)
        module.write_text("import os\nos._exit(7)\n")
        broken = await definitions._read_again(before)

    assert broken.problems == ("shop: the import ended Python with status 7",)
    assert broken.edited() == ()
    module.write_text(WHOLE)
    assert broken.edited() == ("shop",)
