"""Generators, one a file: a record of physical controls, and `signal(controls, take)` that makes stereo samples.

Generators know nothing of each other; `registry.py` lists them.
"""
