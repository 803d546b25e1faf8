"""Which tests run on the same worker: those that share an expensive fixture, which is then set up once.

xdist's own mark for this, `xdist_group`, has no effect with pytest 9.2 (pytest-xdist issue 1386).
"""

from xdist.scheduler import LoadScopeScheduling

#: The shared fixture by the prefix of the tests' ids. Any other test goes to a worker that is free.
GROUPS = {
    "tests/end_to_end/test_a2a_agent.py": "the stack of `tock dev`",
    "tests/end_to_end/test_cli.py": "the stack of `tock dev`",
    "tests/end_to_end/test_cli_questions.py": "the stack of `tock dev`",
    "tests/end_to_end/test_newcomer.py": "the stack of `tock dev`",
    "tests/end_to_end/test_stack.py": "the stack of `tock dev`",
    "tests/end_to_end/test_dev_data.py::test_a_second_one": "the stack of `tock dev`",
    "tests/end_to_end/test_archive.py": "the virtual environment with an installed archive",
    "tests/end_to_end/test_wheel.py": "the virtual environment with the installed wheel",
    "tests/benchmarks/test_cost_counts.py": "the emulators that benchmarks measure against",
    "tests/infra/": "the evaluated Terraform",
    "tests/local/firestore/test_emulator.py": "a Firestore emulator of its own",
}


class GroupScheduling(LoadScopeScheduling):
    """Assigns whole groups to workers, the largest first, then the other tests one by one."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the group of the test, or its own id if it has none."""
        return next((group for start, group in GROUPS.items() if nodeid.startswith(start)), nodeid)
