"""Who did something, in words: records name callers by short marks such as `local` or `key:ci`."""

_WHOLE = {
    "local": "somebody on this machine",
    "deployment-key": "somebody with the admin key",
    "schedule": "the schedule",
    "overlap": "the overlap policy",
}
_KINDS = {"key": "the key", "run": "the run", "agent": "the agent"}
#: How many characters of a run's id people are shown.
_SHORT = 8


def author_text(author: str) -> str:
    """Return an author as a part of a sentence: `key:ci` is `the key ci`. What is no known mark stays as it is."""
    kind, colon, name = author.partition(":")
    if author in _WHOLE:
        return _WHOLE[author]
    if not colon or kind not in _KINDS:
        return author
    return f"{_KINDS[kind]} {name[:_SHORT] if kind == 'run' else name}"


def author_first(author: str) -> str:
    """Return an author as the first words of a sentence."""
    text = author_text(author)
    return f"{text[:1].upper()}{text[1:]}" if text != author else text
