"""The values of environment variables as types: each reads what is written there, or says what to write instead."""

import json
import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from tock.core.agent.allow_list import AllowList
from tock.core.run.price import Price, prices_of
from tock.core.run.run_token import SHORTEST_KEY
from tock.executors.command.allowed import Allowed, Command, Repository
from tock.executors.llm.deployment_models import McpServer, ModelProvider

_DIGEST = re.compile(r"[0-9a-f]{64}")
_URL = re.compile(r"https?://[^/\s?#]+(/[^\s?#]*)?")


def _read_allow_list(value: object) -> object:
    return AllowList.parse(value) if isinstance(value, str) else value


def _read_folders(value: object) -> object:
    return tuple(filter(None, value.split(os.pathsep))) if isinstance(value, str) else value


def _read_commands(value: object) -> object:
    return Allowed.parse(value, kind=Command) if isinstance(value, str) else value


def _read_repositories(value: object) -> object:
    return Allowed.parse(value, kind=Repository) if isinstance(value, str) else value


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _read_prices(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        given = json.loads(value)
    except ValueError as exc:
        raise ValueError(f"is not JSON ({exc}): write an object, see docs/guides/usage.md") from exc
    return prices_of(given)


def _read_for_models(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        # The value holds secrets, so the message does not quote it.
        raise ValueError("is not JSON: write an object, see docs/agents/llm.md") from None


def _read_secrets(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        # The value is secret, so the message does not quote it.
        raise ValueError('is not JSON: write an object such as {"project/name": "whsec_..."}') from None


def _is_digest(value: str) -> str:
    if value and _DIGEST.fullmatch(value) is None:
        # The value may be the key itself, so the message does not quote it.
        raise ValueError("is not a SHA-256 in 64 small hexadecimal digits: printf %s KEY | sha256sum")
    return value


def _is_long(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < SHORTEST_KEY:
        raise ValueError(f"is shorter than {SHORTEST_KEY} characters: openssl rand -base64 48")
    return value


def _is_url(value: str) -> str:
    if value and _URL.fullmatch(value) is None:
        raise ValueError(f"{value!r} is not a URL such as https://tock-run-123456789012.europe-west1.run.app")
    return value


#: What agents may name: names separated by commas, or a JSON object of lists by project.
WrittenAllowList = Annotated[AllowList, BeforeValidator(_read_allow_list)]
#: Folders, separated as in PATH.
WrittenFolders = Annotated[tuple[Path, ...], BeforeValidator(_read_folders)]
#: Programs by name, as JSON or in a file.
WrittenCommands = Annotated[Allowed[Command], BeforeValidator(_read_commands)]
#: Git repositories by name, as JSON or in a file.
WrittenRepositories = Annotated[Allowed[Repository], BeforeValidator(_read_repositories)]
#: At least one name; several are separated by commas.
WrittenNames = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_split)]
#: Prices by the name of a model, as JSON.
WrittenPrices = Annotated[dict[str, Price], BeforeValidator(_read_prices)]
#: Providers of models by name, as JSON, or none.
WrittenProviders = Annotated[dict[str, ModelProvider] | None, BeforeValidator(_read_for_models)]
#: MCP servers by project and name, as JSON, or none.
WrittenServers = Annotated[dict[str, dict[str, McpServer]] | None, BeforeValidator(_read_for_models)]
#: Secrets by project and name, as JSON, or none.
WrittenSecrets = Annotated[dict[str, SecretStr] | None, BeforeValidator(_read_secrets)]
#: The SHA-256 of a key in hexadecimal digits, or an empty text.
Digest = Annotated[str, AfterValidator(_is_digest)]
#: A key that is long enough to sign with.
LongKey = Annotated[SecretStr, AfterValidator(_is_long)]
#: The URL of a function, or an empty text.
Url = Annotated[str, AfterValidator(_is_url)]
