"""Our own API under /api/native/v1, and the process that reads Shots: that one loads nothing of what is beside it."""
