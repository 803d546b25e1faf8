"""The software bill of materials: one library per name and version, with every hash, and the same bytes each time."""

import json

from tock.deploy.bill_of_materials import bill_of_materials

A, B, C = "a" * 64, "b" * 64, "c" * 128


def test_each_library_is_listed_with_its_version_and_hashes() -> None:
    requirements = f"""# pinned
zeta==2.0 \\
    --hash=sha256:{B} \\
    --hash=sha256:{A}
    # via tock
Al_pha[extra]==1!1.0+local ; sys_platform == 'linux' --hash=sha512:{C}
"""

    document = json.loads(bill_of_materials(requirements, version="1.2.3"))

    assert document == {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "tock", "name": "tock", "version": "1.2.3"}},
        "components": [
            {
                "type": "library",
                "bom-ref": "pkg:pypi/al-pha@1%211.0%2Blocal",
                "name": "al-pha",
                "version": "1!1.0+local",
                "purl": "pkg:pypi/al-pha@1%211.0%2Blocal",
                "hashes": [{"alg": "SHA-512", "content": C}],
            },
            {
                "type": "library",
                "bom-ref": "pkg:pypi/zeta@2.0",
                "name": "zeta",
                "version": "2.0",
                "purl": "pkg:pypi/zeta@2.0",
                "hashes": [{"alg": "SHA-256", "content": A}, {"alg": "SHA-256", "content": B}],
            },
        ],
    }


def test_a_library_that_is_pinned_for_several_platforms_is_listed_once_with_all_hashes() -> None:
    requirements = f"""
solo==1 ; sys_platform == 'linux' --hash=sha256:{A}
solo==1 ; sys_platform == 'darwin' --hash=sha256:{B}
solo==2 ; sys_platform == 'win32' --hash=sha256:{A}
"""

    document = json.loads(bill_of_materials(requirements, version="1"))

    assert [(library["bom-ref"], len(library["hashes"])) for library in document["components"]] == [
        ("pkg:pypi/solo@1", 2),
        ("pkg:pypi/solo@2", 1),
    ]


def test_the_order_of_the_requirements_changes_nothing() -> None:
    lines = [f"{name}==1 --hash=sha256:{A} --hash=sha256:{B}" for name in ("b", "c", "a")]

    assert bill_of_materials("\n".join(lines), version="1") == bill_of_materials(
        "\n".join(sorted(lines, reverse=True)), version="1"
    )
