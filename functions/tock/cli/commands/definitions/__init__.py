"""The commands about definitions: plan, apply, export and import."""
