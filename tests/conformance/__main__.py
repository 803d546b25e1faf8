"""`python -m conformance`: whether the API is what its document says. Exit status: 0 if nothing was found."""

import argparse
import logging
import sys
from pathlib import Path

from schemathesis.cli import schemathesis

from conformance import hooks
from conformance.lies import LIES
from conformance.server import ADMIN_KEY, served

#: How many requests there are at least.
REQUESTS = 10_000


def main() -> int:
    """Send generated requests of all kinds, valid and invalid by the document, and check every answer against it."""
    options = _options()
    # Refusals are what many requests are for; a defect's traceback is shown.
    logging.basicConfig(level=logging.ERROR)
    with served() as server:
        hooks.register(lie=LIES.get(options.lie))
        status = _run(
            *("--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
            *("run", f"{server.url}/v1/openapi.json", "--url", server.url),
            *("--header", f"Authorization: Bearer {ADMIN_KEY}"),
            *("--seed", str(options.seed), "--max-examples", str(options.examples), "--workers", "1"),
            *("--checks", "all", "--suppress-health-check", "all", "--warnings", "off"),
            *("--generation-database", "none"),
            *options.further,
        )
        sys.stdout.write(f"{server.requests} requests\n")
    if status == 0 and server.requests < REQUESTS and not options.further:
        sys.stdout.write(f"These are fewer than {REQUESTS}: raise --examples.\n")
        return 2
    return status


def _run(*words: str) -> int:
    try:
        schemathesis(args=list(words), standalone_mode=False)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="The seed of the generated requests.")
    parser.add_argument("--examples", type=int, default=220, help="The most requests of one operation in one phase.")
    parser.add_argument("--lie", choices=LIES, help="Falsify the document first, so that this must be found.")
    parser.add_argument("further", nargs="*", help="Further options of `schemathesis run`.")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
