"""The HTTP side: two dialects that other services' clients speak, and our own extras."""
