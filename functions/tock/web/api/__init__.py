"""The API: its FastAPI routes, one file or one room for each kind of resource."""
