"""Sound: `design` says what is heard, `mix` makes the samples. Neither ever sees a pixel."""

from stillmotion.diorama.sound.designing import design
from stillmotion.diorama.sound.mixing import mix, stems
from stillmotion.diorama.sound.registry import SoundUnknown

__all__ = ["SoundUnknown", "design", "mix", "stems"]
