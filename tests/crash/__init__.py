"""Processes are killed at every commit and effect and at any moment: nothing is lost then, and nothing is twice."""
