"""The fields of what people write: their types, which of them are stored, and in which of them two versions differ."""
