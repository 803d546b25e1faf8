"""Fields that are written from kept bytes are those that writing each value anew yields."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud.firestore_v1 import types
from hypothesis import given
from pydantic import BaseModel

from store.drawn_documents import AGENTS, CHUNKS, RUNS, TRIGGERS
from tock.core.policies import CatchUp, Overlap, Retry
from tock.core.run.status import RunStatus
from tock.core.time.stamp import Stamp
from tock.store.documents.codec import CODECS
from tock.store.documents.document_fields import write_document_fields
from tock.store.documents.values import write_fields

_Document = types.Document.pb()
NOON = datetime(2027, 3, 28, 12, tzinfo=UTC)


@given(TRIGGERS | RUNS | AGENTS | CHUNKS)
def test_a_document_is_written_as_each_of_its_values_is(document: Any) -> None:
    codec = CODECS[type(document)]
    values = codec.stored(document)

    assert _written(values, shared=codec.shared) == _written_anew(values)
    assert _written(values, shared=codec.shared) == _written_anew(codec.present(values))


@pytest.mark.parametrize(
    "values",
    [
        [True, 1, 1.0, "1"],
        [False, 0, 0.0, -0.0, None, ()],
        [Overlap.SKIP, "skip", RunStatus.SKIPPED],
        [NOON, NOON + timedelta(microseconds=1), timedelta(), timedelta(microseconds=1)],
        [Retry(), CatchUp(), Stamp(at=NOON, by="ada"), Stamp(at=NOON, by="bob")],
    ],
    ids=str,
)
def test_values_that_are_alike_are_told_apart(values: list[Any]) -> None:
    for _ in range(2):
        for value in values:
            shared = {"a"} if isinstance(value, BaseModel) else ()
            assert repr(_written({"a": value}, shared=shared)) == repr(_written_anew({"a": value}))


def test_one_value_under_two_names_is_two_fields() -> None:
    assert _written({"a": 7, "b": 7}) == _written_anew({"a": 7, "b": 7})


def test_what_a_document_cannot_hold_is_refused() -> None:
    for refused in (b"bytes", 2**63):
        with pytest.raises((TypeError, ValueError)):
            _written({"a": refused})


def _written(values: dict[str, Any], *, shared: Any = ()) -> Any:
    document = _Document()
    write_document_fields(document, values, shared=shared)
    return _Document.FromString(document.SerializeToString())


def _written_anew(values: dict[str, Any]) -> Any:
    document = _Document()
    write_fields(document.fields, values)
    return document
