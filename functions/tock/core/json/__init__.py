"""JSON: what may be kept and shown as JSON, and how texts of it are read and compared."""
