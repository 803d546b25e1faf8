"""The store in Firestore: the only package that knows documents and indexes."""
