"""One solver a file. None knows another."""
