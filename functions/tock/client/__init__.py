"""The Python client of Tock's API: `tock.Client` blocks, `tock.AsyncClient` is for an event loop.

`_async` is written by hand, `_sync` is made from it by `make client`. What they share stands beside them.
"""
