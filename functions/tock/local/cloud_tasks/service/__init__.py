"""The gRPC service of the emulator: its methods, and queues and tasks as messages."""
