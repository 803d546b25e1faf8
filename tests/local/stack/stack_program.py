"""A program that runs a stack as `tock dev` does: stack_program.py DATA ENTRY_MODULE; prints JSON lines."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

from tock.local.errors import LocalError
from tock.local.stack.stack import Stack


def tell(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


async def main() -> None:
    data, entry_module = map(Path, sys.argv[1:])
    stack = Stack(
        data=data,
        entry_module=entry_module,
        period=timedelta(seconds=1),
        log=lambda name, text: tell(log=f"{name}: {text}"),
    )
    try:
        async with stack:
            tell(urls=dict(stack.urls), firestore=stack.firestore)
            tell(ended=await stack.wait())
    except LocalError as exc:
        tell(error=str(exc))


asyncio.run(main())
