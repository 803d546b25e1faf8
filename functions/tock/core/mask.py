"""Masks secrets by their value, wherever text from outside is kept."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

#: What stands in the place of a secret.
MASKED = "***"
#: What stands where a text was cut.
CUT = "…"
#: The fewest characters of a value that is masked: a shorter one would take innocent words away.
SHORTEST = 8
#: The prefix of a signing secret, which is often used without it.
_SIGNING_PREFIX = "whsec_"


class Mask:
    """Replaces some secrets in texts and JSON values, also as JSON, URLs and HTTP's basic authentication write them.

    Where a text was cut inside a secret, at its end or before `…`, what is left of the secret is masked, if that has at
    least 8 characters. What one of the regular expressions `patterns` matches is a secret too, whatever its value.
    """

    def __init__(self, secrets: Iterable[str], *, patterns: Iterable[str] = ()) -> None:
        given = [form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST]
        # The longest first: one may hold another.
        self._forms = sorted(set(given), key=lambda form: (-len(form), form))
        alternatives = [*map(re.escape, self._forms), *patterns]
        self._pattern = re.compile("|".join(alternatives)) if alternatives else None

    def __call__(self, value: Any) -> Any:
        """Return the JSON value, with every secret in its texts and keys masked; other objects stay as they are."""
        if self._pattern is None:
            return value
        match value:
            case str():
                return self._text(value, pattern=self._pattern)
            case list():
                return [self(item) for item in value]
            case dict():
                return {self(key): self(item) for key, item in value.items()}
            case _:
                return value

    def _text(self, text: str, *, pattern: re.Pattern[str]) -> str:
        return CUT.join(map(self._with_masked_end, pattern.sub(MASKED, text).split(CUT)))

    def _with_masked_end(self, piece: str) -> str:
        for form in self._forms:
            end = form.find(piece[-SHORTEST:]) + SHORTEST if len(piece) >= SHORTEST else 0
            if end >= SHORTEST and piece.endswith(form[:end]):
                return piece[:-end] + MASKED
        return piece


def _forms(secret: str) -> tuple[str, ...]:
    return (
        secret,
        # What is printed comes line by line.
        *(line.strip() for line in secret.splitlines()),
        secret.removeprefix(_SIGNING_PREFIX),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
        # A user and a password (RFC 7617).
        *([b64encode(secret.encode(errors="replace")).decode()] if ":" in secret else []),
    )
