"""The commands about a deployment of one's own: its archive, its roll-out and its price."""
