"""The store in Firestore: the only place that knows documents and indexes."""
