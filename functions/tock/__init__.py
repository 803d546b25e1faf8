"""Tock runs AI agents on time, on serverless Google Cloud, and can account for every occurrence."""
