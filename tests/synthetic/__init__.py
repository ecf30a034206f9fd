"""Scenes made in code, so that cameras and renderers are tested against known depths."""
