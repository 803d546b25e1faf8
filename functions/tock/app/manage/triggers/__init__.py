"""Create, edit, replace and delete triggers; each change also decides the fire times that it touches."""
