"""Triggers as readers see them, and what is told of one: its next fire times, its proof, and why it ran or did not."""
