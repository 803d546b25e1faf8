"""The adapters that verify which identity a token was issued to."""
