"""What an id may be that a person chooses, without pydantic: the processes of agents need this rule, too."""

import re

#: The characters of an id, as a regular expression without anchors.
CHARACTERS = r"[A-Za-z0-9._-]{1,255}"
RESERVED_IDS = frozenset({".", "..", "new", "preview", "run", "null", "undefined"})
#: What OpenAPI says of an id: its characters and, as what it must not be, the reserved ids.
ID_PATTERN = rf"^(?!(?:{'|'.join(sorted(re.escape(word) for word in RESERVED_IDS))}|_{{2,3}}|__.*__)$){CHARACTERS}$"


def is_identifier(text: str) -> bool:
    """Whether a resource may have this id."""
    return re.fullmatch(CHARACTERS, text, re.ASCII) is not None and not is_reserved(text)


def is_reserved(identifier: str) -> bool:
    """Whether Tock or Firestore reserves the id: `.`, `..` and `__*__` (Firestore, "Constraints on document IDs").

    `__` and `___` begin and end so, too.
    """
    return identifier in RESERVED_IDS or (identifier.startswith("__") and identifier.endswith("__"))
