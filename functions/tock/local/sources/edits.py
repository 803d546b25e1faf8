"""Waits until somebody edits the sources, or what they import."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from pathlib import Path

from tock.executors.python.edited_modules import Stamp, stamp_of
from tock.local.sources.named import Sources
from tock.local.sources.reading import Found

#: How long an editor may take between two writes of one save, and how often the files are looked at although no event
#: said so, as on a network's drive; in milliseconds.
_STEP, _LOOK = 20, 500
_MODULE = ".py"


async def edit(found: Found, *, sources: Sources) -> tuple[str, ...]:
    """Wait for an edit since the sources were found, and return the modules and files that are no longer as they were.

    If they could not be read, any file of Python that comes or changes beside them may mend that: the answer may then
    be empty.
    """
    if edited := found.edited():
        return edited
    folders = {*sources.places, *(Path(file).parent for file, _ in found.files.values())}
    async with aclosing(_changes(folder for folder in folders if folder.is_dir())) as changes:
        async for changed in changes:
            edited = found.edited()
            if edited or (found.problems and any(path.endswith(_MODULE) for path in changed)):
                return edited
    return ()


async def file_edit(file: Path, *, before: Stamp | None) -> Stamp | None:
    """Wait until a file, which may come or go, is no longer what it was `before`, and return what it is then."""
    async with aclosing(_changes([file.parent])) as changes:
        while (now := stamp_of(file)) == before:
            await anext(changes)
    return now


async def _changes(folders: Iterable[Path]) -> AsyncGenerator[frozenset[str]]:
    """Yield after each change of a file in the folders, and every half second: the paths of what changed.

    If the system watches no more folders, such as beyond Linux's `fs.inotify.max_user_watches`, no path is named.
    """
    from watchfiles import awatch  # noqa: PLC0415 - other commands need it not

    watched = awatch(
        *folders, watch_filter=None, step=_STEP, rust_timeout=_LOOK, yield_on_timeout=True, recursive=False
    )
    try:
        async with aclosing(watched):
            async for changes in watched:
                yield frozenset(path for _, path in changes)
    except OSError:
        while True:
            await asyncio.sleep(_LOOK / 1000)
            yield frozenset()
