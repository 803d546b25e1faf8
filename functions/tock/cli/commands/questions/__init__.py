"""The commands that answer a question: what comes, why, whether all ran, what it cost."""
