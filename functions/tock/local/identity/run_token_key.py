"""The key that signs the tokens of runs on the local stack."""

import secrets
from pathlib import Path

from tock.core.run.run_token import SHORTEST_KEY
from tock.local.durable_file import create_file

_FILE = "run-tokens.key"
_RANDOM_BYTES = 48


def run_token_key(directory: Path) -> str:
    """Return the key that is stored in the directory; the first call creates it, for its owner only.

    A key that was cut is replaced: the agents of waiting runs then cannot call back any more. Raises OSError.
    """
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / _FILE
    create_file(file, text=secrets.token_urlsafe(_RANDOM_BYTES))
    key = file.read_text(encoding="utf-8", errors="replace")
    if len(key) < SHORTEST_KEY:
        file.unlink(missing_ok=True)
        create_file(file, text=secrets.token_urlsafe(_RANDOM_BYTES))
        key = file.read_text(encoding="utf-8")
    return key
