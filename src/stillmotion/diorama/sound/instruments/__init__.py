"""Musical instruments: each plays notes and knows nothing of the piece."""
