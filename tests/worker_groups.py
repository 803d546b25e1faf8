"""Which tests go to the same worker: those that share something expensive, which is then made once.

xdist has a mark for it, `xdist_group`, which pytest 9.2 silently takes the effect from (pytest-xdist, issue 1386).
"""

from xdist.scheduler import LoadScopeScheduling

#: Files and folders, by the beginning of a test's id. Whatever else there is goes to whichever worker is free.
GROUPS = {
    "tests/end_to_end/test_cli.py": "the stack of `tock dev`",
    "tests/end_to_end/test_stack.py": "the stack of `tock dev`",
    "tests/end_to_end/test_archive.py": "the virtual environment with an installed archive",
    "tests/end_to_end/test_wheel.py": "the virtual environment with the installed wheel",
    "tests/benchmarks/test_cost_counts.py": "the emulators that benchmarks measure against",
    "tests/infra/": "the evaluated Terraform",
    "tests/local/firestore/test_emulator.py": "a Firestore emulator of its own",
}


class GroupScheduling(LoadScopeScheduling):
    """Hands out the groups first, the largest one at the beginning, then the other tests one by one."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the group that the test belongs to; a test without one is its own."""
        return next((group for start, group in GROUPS.items() if nodeid.startswith(start)), nodeid)
