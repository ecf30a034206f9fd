"""Files: pictures in, films out. Nothing here knows what an engine is."""
