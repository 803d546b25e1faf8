"""Exports, imports and deletes a project's documents, through the emulator's endpoints that the Firebase tools use."""

from pathlib import Path
from typing import Any

import httpx

#: The name of each export, and so of its folder and of its first file.
_NAME = "documents"
_TIMEOUT_SECONDS = 300.0


class ExportFailed(Exception):
    """The emulator did not do it; the message says why."""


class Refused(ExportFailed):
    """The emulator answered with an error."""


def metadata_of(folder: Path) -> Path:
    """Return the file that an export into this folder begins with; without it there is no export."""
    return folder / _NAME / f"{_NAME}.overall_export_metadata"


async def export_documents(host: str, *, project: str, folder: Path) -> None:
    """Write the project's documents into the folder, which must exist. Raises ExportFailed."""
    body = {"database": _database(project), "export_directory": str(folder), "export_name": _NAME}
    await _call("POST", f"http://{host}/emulator/v1/projects/{project}:export", body=body)


async def import_documents(host: str, *, project: str, folder: Path) -> None:
    """Add the documents that were exported into the folder. Raises ExportFailed: then none was added.

    The emulator takes a file that was cut between two of its blocks for a whole one.
    """
    body = {"database": _database(project), "export_directory": str(metadata_of(folder))}
    await _call("POST", f"http://{host}/emulator/v1/projects/{project}:import", body=body)


async def delete_documents(host: str, *, project: str) -> None:
    """Delete all documents of the project. Raises ExportFailed."""
    await _call("DELETE", f"http://{host}/emulator/v1/{_database(project)}/documents", body=None)


def _database(project: str) -> str:
    return f"projects/{project}/databases/(default)"


async def _call(method: str, url: str, *, body: dict[str, str] | None) -> None:
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
            answer = await client.request(method, url, json=body)
    except httpx.HTTPError as exc:
        raise ExportFailed(f"the emulator does not answer: {str(exc) or type(exc).__name__}") from exc
    if answer.is_error:
        raise Refused(f"the emulator answers {answer.status_code}: {_message(answer)}")


def _message(answer: httpx.Response) -> str:
    try:
        problem: Any = answer.json()
        return str(problem["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
