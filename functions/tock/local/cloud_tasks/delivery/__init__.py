"""The delivery of tasks: when an attempt starts, its HTTP request, and what follows from the answer."""
