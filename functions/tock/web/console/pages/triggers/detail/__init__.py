"""What is shown of one trigger: its state with a calendar, its history, and the proof of its occurrences."""
