"""The console: pages for people, rendered by the server, on the same use cases as the API."""
