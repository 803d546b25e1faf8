"""The emulator's state: queues, tasks, when each task may start, and the names that cannot be used again yet."""
