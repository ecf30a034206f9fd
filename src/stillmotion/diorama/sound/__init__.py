"""Sound: `design` says what is heard, `Recording` makes the samples. Neither ever sees a pixel."""

from stillmotion.diorama.sound.bounding import bounded
from stillmotion.diorama.sound.captions import captions
from stillmotion.diorama.sound.designing import design
from stillmotion.diorama.sound.mixing import mix, stems
from stillmotion.diorama.sound.recording import Recording
from stillmotion.diorama.sound.registry import SoundUnknown
from stillmotion.diorama.sound.unfamiliar import unfamiliar

__all__ = ["Recording", "SoundUnknown", "bounded", "captions", "design", "mix", "stems", "unfamiliar"]
