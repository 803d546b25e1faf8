"""One attempt while its agent works: its lease, its host, what it emits and saves, and what it must show."""
