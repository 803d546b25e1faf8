# Made from the file of this name in `_async` by `make client`: change that one.
"""The blocking client, made from `_async` by `make client`."""
