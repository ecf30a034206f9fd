"""The commands, one module each, with the attribute `command`."""
