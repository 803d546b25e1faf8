"""Builds one process: its settings, clock, clients and services."""
