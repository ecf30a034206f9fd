"""A prompt and a scene to a Shot, and a Shot to and from JSON."""

from stillmotion.diorama.shot.describe import describe
from stillmotion.diorama.shot.file_format import from_json, to_json
from stillmotion.diorama.shot.heard import heard
from stillmotion.diorama.shot.motion_plan import drawable
from stillmotion.diorama.shot.parse import parse
from stillmotion.diorama.shot.planner import plan
from stillmotion.diorama.shot.sound_plan import loudness_lufs

__all__ = ["describe", "drawable", "from_json", "heard", "loudness_lufs", "parse", "plan", "to_json"]
