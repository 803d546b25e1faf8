"""`make docs`: builds the documentation as a site in build/site. Exit status: 0 if nothing is wrong."""

import subprocess
import sys

from documentation.built_site import problems_of
from documentation.pages import ROOT
from documentation.put_together import put_together


def main() -> int:
    """Put the pages together, build the site strictly, and look at what came out."""
    mkdocs = sys.argv[1]
    target = ROOT / "build" / "docs"
    put_together(target)
    done = subprocess.run(
        [mkdocs, "build", "--strict", "--clean", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.stdout.write(done.stdout + done.stderr)
        return done.returncode
    problems = problems_of(ROOT / "build" / "site")
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    if not problems:
        sys.stdout.write("The site is in build/site: open build/site/index.html\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
