"""The command line against a project of an API of its own, in a folder with files of definitions."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import yaml
from typer.testing import CliRunner, Result

from tock import Client
from tock.cli.applying.apply_changes import Applied, applied
from tock.cli.applying.deployed import deployed
from tock.cli.main import app
from tock.manifest.comparison.difference import Deployed, Difference
from web.rig import ADMIN_KEY, Rig


class Quoting(yaml.SafeDumper):  # type: ignore[misc] # PyYAML has no types
    """Writes each text in quotation marks: the files are of YAML 1.2, where 1e100 is a number, and PyYAML's of 1.1."""


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


@dataclass(frozen=True)
class Shell:
    """The command line against a project of an API of its own."""

    rig: Rig
    server: str
    folder: Path

    async def tock(self, *words: str, code: int = 0, project: str = "acme") -> str:
        done = await anyio.to_thread.run_sync(lambda: self._invoke(project, words))
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    async def refused(self, *words: str) -> Any:
        done = await anyio.to_thread.run_sync(lambda: self._invoke("acme", words))
        assert done.exception is not None
        return done.exception

    def _invoke(self, project: str, words: tuple[str, ...]) -> Result:
        connection = ("--server", self.server, "--project", project, "--key", ADMIN_KEY)
        return CliRunner().invoke(app, [*connection, *words])

    @property
    def client(self) -> Client:
        return Client(self.server, project="acme", key=ADMIN_KEY)

    async def deployed(self) -> Deployed:
        def read() -> Deployed:
            with self.client as client:
                return deployed(client)

        return await anyio.to_thread.run_sync(read)

    async def applied(self, planned: Difference) -> list[Applied]:
        def apply() -> list[Applied]:
            with self.client as client:
                return list(applied(client, planned.changes))

        return await anyio.to_thread.run_sync(apply)

    def write(self, definitions: object) -> str:
        file = self.folder / "tock.yaml"
        plain = json.loads(json.dumps(definitions))
        file.write_text(definitions if isinstance(definitions, str) else yaml.dump(plain, Dumper=Quoting))
        return str(file)
