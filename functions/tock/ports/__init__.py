"""The contracts between the use cases and the world; adapters fulfil them, use cases call them."""
