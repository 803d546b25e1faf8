"""What the emulator keeps: queues, tasks, when each may start, and the names that are not free yet."""
