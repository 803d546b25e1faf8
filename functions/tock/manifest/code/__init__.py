"""Definitions in Python code: imported, and turned into resources as written."""
