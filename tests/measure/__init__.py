"""What the quality tests measure with: only decoded films and photos, never the engine's own numbers."""
