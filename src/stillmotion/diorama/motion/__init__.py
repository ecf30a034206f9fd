"""How the things in a photo move, and what happens while they do."""
