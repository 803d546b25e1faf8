"""The options that every command shares, and what holds for one call of `tock`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from tock.cli.client import Client, CommandError

Json = Annotated[bool, typer.Option("--json", help="Print the server's JSON instead of a table.")]
Key = Annotated[str | None, typer.Option("--idempotency-key", help="The same key again gives the same run.")]
Model = Annotated[str | None, typer.Option(help="Another model name than the stored one.")]
Limit = Annotated[int, typer.Option(min=1, max=100, help="How many at most.")]
Payload = Annotated[str | None, typer.Option(help="A JSON object, or @FILE that holds one.")]
Wait = Annotated[bool, typer.Option("--wait", help="Follow the run to its end; exit 1 unless it succeeds.")]


@dataclass(frozen=True, slots=True)
class Globals:
    """What the options before the command said."""

    server: str
    project: str
    key: str
    identity_token: str

    def client(self, *, project: str = "") -> Client:
        """Return the client they name; a `project` stands in where none is named."""
        return Client.found(
            server=self.server, project=self.project or project, key=self.key, identity_token=self.identity_token
        )


def client_of(context: typer.Context) -> Client:
    """Return the client of this call of `tock`."""
    return globals_of(context).client()


def globals_of(context: typer.Context) -> Globals:
    """Return what the options before the command said."""
    said = context.find_object(Globals)
    if said is None:
        raise CommandError("The command was called without the options of `tock`.")
    return said


def object_of(text: str | None, *, option: str) -> dict[str, Any] | None:
    """Return the JSON object of an option, read from a file when it starts with `@`. Raises CommandError."""
    if text is None:
        return None
    try:
        value = json.loads(Path(text[1:]).read_text() if text.startswith("@") else text)
    except OSError as exc:
        raise CommandError(f"{option}: {exc.strerror}: {text[1:]}") from exc
    except ValueError as exc:
        raise CommandError(
            f"{option}: not JSON: {exc}", details=('Write an object, such as \'{"repo": "."}\'.',)
        ) from exc
    if not isinstance(value, dict):
        raise CommandError(f"{option}: a JSON object is needed, not {type(value).__name__}")
    return value


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that have a value."""
    return {field: value for field, value in fields.items() if value is not None}
