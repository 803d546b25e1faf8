"""Names of options that a release had and that changed since: they go on working, but no help lists them."""

from collections.abc import Mapping

_OF_PROOF = {"--from": "--since", "--to": "--until"}
#: By command, the name that each such option has now.
FORMER_NAMES: Mapping[str, Mapping[str, str]] = {
    "proof": _OF_PROOF,
    "triggers proof": _OF_PROOF,
    "triggers create": {"--timeout": "--attempt-timeout"},
    "triggers preview": {"--from": "--since"},
}


def named_now(word: str, *, command: str) -> str:
    """Return a word of a call with the present name of the option that it is; others as they are."""
    name, sign, value = word.partition("=")
    return f"{FORMER_NAMES.get(command, {}).get(name, name)}{sign}{value}"
