"""Finds the local stack that the command line talks to when no server is given: `tock dev` writes its address here."""

import json
from collections.abc import Mapping
from pathlib import Path

#: The file with the address, relative to the folder that `tock dev` runs in.
ADDRESS_FILE = Path(".tock/stack.json")


def find_local_stack() -> Mapping[str, str]:
    """Return the API's URL (`api`) and the `project` of the stack in this folder or in a folder above it.

    The result is empty if none runs there.
    """
    here = Path.cwd()
    files = (folder / ADDRESS_FILE for folder in (here, *here.parents))
    found = next((file for file in files if file.is_file()), None)
    return {} if found is None else json.loads(found.read_text())
