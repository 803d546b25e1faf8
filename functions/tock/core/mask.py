"""Masks secrets by their value, wherever text from outside is kept."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

#: What stands in the place of a secret.
MASKED = "***"
#: The fewest characters of a value that is masked: a shorter one would take innocent words away.
SHORTEST = 8
#: The prefix of a signing secret, which is often used without it.
_SIGNING_PREFIX = "whsec_"


class Mask:
    """Replaces some secrets in texts and JSON values, also as JSON and URLs write them.

    A text that was cut inside a secret has its end masked, if at least 8 characters of the secret are left. What one of
    the regular expressions `patterns` matches is a secret too, whatever its value.
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
        masked = pattern.sub(MASKED, text)
        for form in self._forms:
            end = form.find(masked[-SHORTEST:]) + SHORTEST if len(masked) >= SHORTEST else 0
            if end >= SHORTEST and masked.endswith(form[:end]):
                return masked[:-end] + MASKED
        return masked


def _forms(secret: str) -> tuple[str, ...]:
    return (
        secret,
        # What is printed comes line by line.
        *(line.strip() for line in secret.splitlines()),
        secret.removeprefix(_SIGNING_PREFIX),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
    )
