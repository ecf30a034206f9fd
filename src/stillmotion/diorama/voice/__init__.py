"""Voice: text becomes speech with the time of every phoneme. Knows nothing of shots, pictures or mixes."""

from stillmotion.diorama.voice.manners import Delivery, delivery
from stillmotion.diorama.voice.people import VOICES, Voice, choose, traits
from stillmotion.diorama.voice.records import Phoneme, Speech, SpokenWord
from stillmotion.diorama.voice.speaking import SAMPLE_RATE, VoiceUnknown, ready, speak
from stillmotion.diorama.voice.text import clean, refusal

__all__ = [
    "SAMPLE_RATE",
    "VOICES",
    "Delivery",
    "Phoneme",
    "Speech",
    "SpokenWord",
    "Voice",
    "VoiceUnknown",
    "choose",
    "clean",
    "delivery",
    "ready",
    "refusal",
    "speak",
    "traits",
]
