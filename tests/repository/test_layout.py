"""Each folder of tests is where CONTRIBUTING.md says."""

from pathlib import Path

import tock

TESTS = Path(__file__).parents[1]
PACKAGE = Path(tock.__file__).parent
#: Folders of tests that look at more than one part of the package, and of what only tests use.
OF_THE_WHOLE = {
    *(
        "benchmarks",
        "browser",
        "chaos",
        "conformance",
        "contract",
        "crowd",
        "documentation",
        "end_to_end",
        "examples",
        "infra",
        "model",
        "queries",
        "repository",
        "simulation",
    ),
    "upgrade",
}


def test_every_other_folder_of_tests_is_one_of_the_package() -> None:
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("*.py")} - {Path()}

    mirrored = {folder for folder in folders if folder.parts[0] not in OF_THE_WHOLE}

    assert {folder for folder in mirrored if not (PACKAGE / folder / "__init__.py").exists()} == set()
    assert {folder.parts[0] for folder in mirrored} == {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
