"""What an agent answers with, and the outcome of its attempt that this comes to."""
