"""Voice: text becomes speech with the time of every phoneme. Knows nothing of shots, pictures or mixes."""

from stillmotion.diorama.voice.records import Phoneme, Speech, SpokenWord

__all__ = ["Phoneme", "Speech", "SpokenWord"]
