"""Ids: what a person may choose as one, and those that Tock derives."""
