"""What people type: times, JSON objects, fields and conditions, turned into what the API takes. It asks no server."""
