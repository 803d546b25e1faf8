"""The port of the store: the documents, the writes of a Commit, the listings, and the contract of what keeps them."""

from tock.ports.store.documents import Document, Versioned
from tock.ports.store.listings import MOST_COUNTED, MOST_SORTED, DuePage, EventPage, Page, RunFilter, Total, UsagePage
from tock.ports.store.store import Store
from tock.ports.store.writes import Add, Change, Create, Delete, DisableUnreadable, FailUnreadable, Write

__all__ = [
    "MOST_COUNTED",
    "MOST_SORTED",
    "Add",
    "Change",
    "Create",
    "Delete",
    "DisableUnreadable",
    "Document",
    "DuePage",
    "EventPage",
    "FailUnreadable",
    "Page",
    "RunFilter",
    "Store",
    "Total",
    "UsagePage",
    "Versioned",
    "Write",
]
