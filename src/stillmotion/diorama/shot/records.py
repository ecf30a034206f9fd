"""The Shot: one continuous camera take, as data that people read, edit and replay.

A Shot, a photo, a seed, a size and a rate fix every frame and every sample. Times are in seconds from the start, places
in photo coordinates (0..1), angles in degrees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from stillmotion.diorama.geometry import Box  # noqa: TC001 - file_format reads the types of the fields

SHOT_VERSION = 1
MOVES_LIMIT = 32
"""Camera moves in one Shot."""
STEMS = ("ambience", "foley", "dialogue", "music")
"""Tracks that a mix can leave out."""


class MoveKind(StrEnum):
    """Camera moves that have a name."""

    STATIC = "static"
    PAN = "pan"
    TILT = "tilt"
    ROLL = "roll"
    ZOOM = "zoom"
    DOLLY = "dolly"
    TRUCK = "truck"
    PEDESTAL = "pedestal"
    ORBIT = "orbit"
    DOLLY_ZOOM = "dolly_zoom"
    HANDHELD = "handheld"
    RISE = "rise"
    FOCUS_PULL = "focus_pull"


class Direction(StrEnum):
    """Where a move goes. The camera's own direction: a pan to the right shows what is on the right."""

    NONE = "none"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    IN = "in"
    OUT = "out"


class Easing(StrEnum):
    """The shape between two keyframes."""

    MINIMUM_JERK = "minimum_jerk"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMove:
    """One named move. Moves may overlap: their offsets add up, zooms multiply."""

    kind: MoveKind
    direction: Direction = Direction.NONE
    start_s: float = 0.0
    end_s: float
    amount: float
    """pan, tilt, roll, orbit, rise: degrees of view; zoom, dolly_zoom: factor (1.15 is 15 % closer, always >= 1);
    dolly, truck, pedestal: subject distances; handheld: degrees rms; focus_pull: 0..1, how blurred the out-of-focus end
    gets; static: 0."""
    easing: Easing = Easing.MINIMUM_JERK
    target: str | None = None
    """Layer name that the move is about: what a dolly, zoom or orbit is centred on, what a focus pull ends on."""
    source: str | None = None
    """focus_pull: layer name that is sharp at the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """Depth of field over the whole shot."""

    aperture: float = 0.0
    """0 is everything sharp, 1 the shallowest that we draw."""
    focus: str | None = None
    """Layer name in focus; the subject when None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What happens to the finished picture, in output space."""

    grain: float = 1.0
    """0 is none, 1 the default."""
    vignette: float = 0.0
    """0..1."""
    shutter_deg: float = 180.0
    """Motion blur: 180 is half the frame time; 0 is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Physics:
    """Numbers that a cue may fix instead of leaving them to the engine. None is: as the engine thinks best."""

    material: str | None = None
    """See `motion.materials`: "rubber", "glass", "wood"."""
    mass_kg: float | None = None
    restitution: float | None = None
    """Share of the closing speed that a bounce gives back, 0..1."""
    friction: float | None = None
    """Coulomb coefficient."""
    velocity_m_s: tuple[float, float] | None = None
    """At the start of the cue: to the right, upwards."""
    spin_deg_s: float | None = None
    """At the start of the cue, clockwise."""
    pivot: tuple[float, float] | None = None
    """Where it hangs, in photo coordinates."""
    damping: float | None = None
    """Share of critical damping of what swings or sways."""
    frequency_hz: float | None = None
    """Of what sways, rocks or bobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionCue:
    """Something in the picture should move."""

    verb: str
    """The behaviour's name in the lexicon: "sway", "fall", "ripple"."""
    subject: str
    """The words of the prompt that name what moves."""
    layer: str | None = None
    """The layer that the subject was bound to; None when nothing in the photo fits."""
    box: Box | None = None
    """The part of the photo that moves, when it is less than a layer: it is cut out."""
    point: tuple[float, float] | None = None
    """A point on what moves, instead of a box."""
    prop: str | None = None
    """A drawn thing that is added because the photo has none: see `motion.props`."""
    place: tuple[float, float] | None = None
    """Where a prop starts, in photo coordinates."""
    size_m: float | None = None
    """Width of a prop."""
    target: str | None = None
    """Layer that the movement is aimed at."""
    target_point: tuple[float, float] | None = None
    """Point that the movement is aimed at, in photo coordinates."""
    start_s: float = 0.0
    end_s: float | None = None
    direction: str = ""
    speed: float = 1.0
    amount: float = 1.0
    count: int | None = None
    physics: Physics | None = None
    words: str = ""
    """The clause it came from."""
    performed: bool = False
    """Whether the engine shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the things in the picture obey."""

    metres_per_width: float | None = None
    """How many metres the width of the photo spans at inverse depth 1, the subject's distance."""
    gravity_m_s2: float = 9.81
    ground_y: float | None = None
    """Row, in photo coordinates, on which things at the subject's distance stand; None is: as the scene says."""
    walls: bool = False
    """Whether the sides of the picture stop what moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundCue:
    """Something should be heard."""

    sound: str
    """Name of a sound in the lexicon: "waves", "birds", "room_tone"."""
    start_s: float = 0.0
    end_s: float | None = None
    level_db: float = 0.0
    """Relative to the sound's usual level: "distant" is about -9."""
    pan: float = 0.0
    """-1 left, 1 right."""
    place: tuple[float, float] | None = None
    """Where it is, in photo coordinates; None is: as the engine finds it."""
    count: int | None = None
    """How often it is heard: four steps, two knocks."""
    every_s: float | None = None
    """Time from one to the next."""
    pace: float = 1.0
    """How quickly it goes, as a factor of the usual: steps that hurry, an engine that revs."""
    surface: str = ""
    """What it happens on or what it is made of: "gravel", "wood", "tin"."""
    kind: str = ""
    """Who or what does it, where that is heard: "heels" or "barefoot" of steps, a "choir" of those who sing."""
    mood: str = ""
    """Of music: "calm", "tense", "sad", "happy", "epic"."""
    key: str = ""
    """Of music: "C", "A minor"."""
    tempo_bpm: float | None = None
    """Of music and metronomes."""
    echo: float = 0.0
    """0 as the place is, 1 a cave."""
    words: str = ""
    performed: bool = True
    """Whether the engine can make this sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueLine:
    """A line that somebody says."""

    speaker: str
    text: str
    manner: tuple[str, ...] = ()
    """How: "whispered", "shouted", "calm"."""
    voice: str = ""
    """Name of the voice: see `diorama.voice`."""
    start_s: float | None = None
    end_s: float | None = None
    speed: float = 1.0
    """Factor of the voice's own pace."""
    said: str = ""
    """What is heard of the text when not all of it fits; empty is all."""
    layer: str | None = None
    """The layer of whoever speaks, when they are in the picture."""
    off_screen: bool = False
    pan: float = 0.0
    """Of a voice that is not in the picture: -1 left, 1 right."""
    performed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How loud the film is."""

    loudness_lufs: float = -16.0
    """Integrated target; a quiet scene plans a lower one."""
    silent: bool = False
    """True only when the prompt asks for silence."""
    muted: tuple[str, ...] = ()
    """Stems left out: "music", "dialogue", "foley", "ambience"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that the prompt asked for and the film does not show as asked, or a choice that people should know."""

    code: str
    """Stable: "not-performed", "unbound", "camera-chosen", "camera-limited", "unknown-words", "substitute", "timing",
    "gated", "ambient", "added", "cut"."""
    words: str
    """One sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One continuous camera take."""

    version: int = SHOT_VERSION
    prompt: str = ""
    duration_s: int = 4
    size_px: tuple[int, int]
    fps: int = 30
    seed: int = 0
    framing: Box
    """The crop of the photo that frame 0 shows; its aspect is the picture's."""
    camera: tuple[CameraMove, ...] = ()
    lens: Lens = field(default_factory=Lens)
    look: Look = field(default_factory=Look)
    world: World = field(default_factory=World)
    motion: tuple[MotionCue, ...] = ()
    sound: tuple[SoundCue, ...] = ()
    dialogue: tuple[DialogueLine, ...] = ()
    mix: Mix = field(default_factory=Mix)
    notes: tuple[Note, ...] = ()

    @property
    def frame_count(self) -> int:
        """Frames in the whole shot."""
        return self.duration_s * self.fps
