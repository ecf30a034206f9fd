"""Composing: keys, moods, chord progressions, bass, accompaniment and melody. It knows notes, not samples."""
