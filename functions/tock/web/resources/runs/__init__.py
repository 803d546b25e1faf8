"""Runs as readers see them, with their events and signals, and the requests that start one or speak to one."""
