"""What people type: times, JSON objects, ids and fields, turned into what the API takes."""
