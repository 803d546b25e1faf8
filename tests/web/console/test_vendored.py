"""The libraries that the console carries are the published ones, unchanged."""

import hashlib
import json
from pathlib import Path

from tock.web.console import assets

VENDORED = Path(assets.__file__).with_name("vendored")


def test_each_file_is_the_one_that_the_list_names() -> None:
    listed = {
        name: file["sha256"]
        for package in json.loads((VENDORED / "vendored.json").read_text())
        for name, file in package["files"].items()
    }

    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in VENDORED.iterdir()
        if file.name != "vendored.json"
    }

    assert found == listed
