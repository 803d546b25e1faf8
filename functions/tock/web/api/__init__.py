"""The API: its FastAPI routes, one file for each kind of resource."""
