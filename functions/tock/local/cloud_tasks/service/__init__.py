"""The emulator's gRPC service: its methods, and the conversion of queues and tasks from and to messages."""
