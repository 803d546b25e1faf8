"""Where one process is put together: its settings, clock, clients and use cases."""
