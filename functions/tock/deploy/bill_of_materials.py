"""Lists the libraries of the archive as a software bill of materials, in the format that scanners read."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from tock.deploy.requirements import Pin, pinned

#: The algorithms that pip accepts, by CycloneDX's names.
_ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}


def bill_of_materials(requirements: str, *, version: str) -> str:
    """Return what these pinned requirements install, as a CycloneDX 1.6 document of Tock in this version.

    The same requirements give the same text: the document has no time and no serial number. A library's hashes are
    those of all files that pip accepts for it, one of which is installed. A library that is pinned for some platforms
    only is listed, too.

    Source: https://cyclonedx.org/docs/1.6/json/, https://github.com/package-url/purl-spec (type pypi).
    """
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "tock", "name": "tock", "version": version}},
        "components": [
            _component(name, version=pin_version, hashes=hashes)
            for (name, pin_version), hashes in sorted(_libraries(pinned(requirements)).items())
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def _libraries(pins: Iterable[Pin]) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the hashes of each library by its name and version; it can be pinned several times, for platforms."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for pin in pins:
        library = (pin.name, pin.version)
        found[library] = found.get(library, frozenset()) | frozenset(pin.hashes)
    return found


def _component(name: str, *, version: str, hashes: Iterable[str]) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{quote(version, safe='')}"
    digests = sorted(text.removeprefix("--hash=").partition(":")[::2] for text in hashes)
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "hashes": [
            {"alg": _ALGORITHMS[algorithm], "content": digest}
            for algorithm, digest in digests
            if algorithm in _ALGORITHMS
        ],
    }
