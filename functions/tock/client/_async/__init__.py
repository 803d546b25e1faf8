"""The client for an event loop; `make client` makes the blocking one, `_sync`, from it."""
