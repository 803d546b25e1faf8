"""What of the Firestore emulator's output is logged."""

from tock.local.firestore.emulator_log import EmulatorLog

OUTPUT = """\
INFO: Operation succeeded
WARNING: Operation failed: failed to write export
com.google.cloud.datastore.core.exception.DatastoreException: failed to write export
\tat com.google.cloud.datastore.util.leveldb.ExportImportUtil.write(ExportImportUtil.java:223)
Caused by: java.io.IOException: No space left on device
\t... 23 more

WARNING: Operation failed: failed to write export
java.lang.OutOfMemoryError: Java heap space
WARNING: Operation failed: Document (projects/p/databases/(default)/documents/projects/demo) not found.
SEVERE: Exiting due to unexpected exception.
WARNING: Operation failed: failed to write export
*** server shut down"""


def test_warnings_are_logged_without_traces_and_a_repeated_one_once() -> None:
    lines: list[tuple[str, str]] = []
    log = EmulatorLog(lambda *line: lines.append(line))

    for text in OUTPUT.splitlines():
        log("firestore", text)

    assert lines == [
        ("firestore", "WARNING: Operation failed: failed to write export"),
        ("firestore", "java.lang.OutOfMemoryError: Java heap space"),
        ("firestore", "SEVERE: Exiting due to unexpected exception."),
        ("firestore", "WARNING: Operation failed: failed to write export"),
        ("firestore", "*** server shut down"),
    ]
