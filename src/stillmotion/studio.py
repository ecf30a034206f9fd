"""The library's front door: animate, plan, render, save."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion import engines
from stillmotion.clip import Writers
from stillmotion.diorama.brief import (
    DRAFT_SIZES_PX,
    Brief,
    check_duration,
    check_fps,
    check_mix,
    check_size,
    loudness_of,
)
from stillmotion.diorama.geometry import Box
from stillmotion.media.captions import write_vtt
from stillmotion.media.image import PictureSource, read_picture
from stillmotion.media.recipe import Recipe, parse_recipe
from stillmotion.media.video import write_mp4
from stillmotion.media.wav import write_stems
from stillmotion.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.clip import Clip
    from stillmotion.diorama.shot.records import Mix, Shot
    from stillmotion.engines.diorama import Diorama

Size = tuple[int, int]
WRITERS = Writers(film=write_mp4, stems=write_stems, captions=write_vtt)

OTHER_PHOTO = "This Shot was made for another photo; what it names may be elsewhere or absent."
SAME_SHAPE = 0.004
"""Shapes that differ by less than this are the same: a few pixels of rounding."""


def animate(
    image: PictureSource,
    prompt: str,
    *,
    seconds: int = 4,
    size: Size | None = None,
    seed: int = 0,
    loudness: float | str | None = None,
    mute: Sequence[str] = (),
    progress: Progress = ignore_progress,
) -> Clip:
    """A film shot from one photo and one sentence.

    Args:
        image: a path, the bytes of a file, a Pillow image or an sRGB array.
        prompt: what happens, how the camera moves, what is heard.
        seconds: 4, 8, 12, 16 or 20.
        size: width and height in pixels; None follows the photo's orientation at 720p.
        seed: another number gives another take of the same shot.
        loudness: integrated loudness in LUFS, or "loud" (-14), "standard" (-16), "soft" (-18), "broadcast" (-23); None
            is -16, and less for a quiet scene.
        mute: tracks to leave out: "dialogue", "foley", "ambience", "music".
        progress: called as `progress(stage, fraction)`; raising from it cancels.

    Returns:
        A Clip. Its frames are made when they are asked for: `clip.save("out.mp4")` renders them.

    Raises:
        InputRefused: the photo, the prompt, the length, the size, the loudness or a track cannot be used.
        AssetError: the networks' weights are not here and cannot be fetched.
    """
    brief = Brief(
        prompt=prompt,
        duration_s=seconds,
        size_px=size,
        seed=seed,
        loudness_lufs=loudness_of(loudness),
        muted=_tracks(mute),
    )
    clip = engines.get().generate(read_picture(image), brief, progress)
    return clip.with_writers(WRITERS)


def plan(
    image: PictureSource,
    prompt: str,
    *,
    seconds: int = 4,
    size: Size | None = None,
    seed: int = 0,
    loudness: float | str | None = None,
    mute: Sequence[str] = (),
    progress: Progress = ignore_progress,
) -> Shot:
    """What `animate` would film, as a Shot that can be read, edited and rendered. Takes the same arguments."""
    brief = Brief(
        prompt=prompt,
        duration_s=seconds,
        size_px=size,
        seed=seed,
        loudness_lufs=loudness_of(loudness),
        muted=_tracks(mute),
    )
    return _diorama().plan(read_picture(image), brief, progress)


def render(
    image: PictureSource,
    shot: Shot | str,
    *,
    fps: int | None = None,
    size: Size | None = None,
    loudness: float | str | None = None,
    mute: Sequence[str] = (),
    progress: Progress = ignore_progress,
) -> Clip:
    """Film a Shot, for example one that was edited by hand. Moves beyond what the photo can show are held back.

    Args:
        image: the photo.
        shot: a Shot, or its JSON, or the recipe of a film.
        fps: another frame rate than the Shot's, 12 to 60.
        size: another size than the Shot's; the framing is cropped to its shape.
        loudness: another loudness than the Shot's; see `animate`.
        mute: tracks to leave out besides those that the Shot leaves out.
        progress: see `animate`.

    Raises:
        ShotInvalid: the JSON is no Shot; the message says which field.
        InputRefused: the photo, the length, the rate, the size, the loudness or a track cannot be used.
    """
    recipe = parse_recipe(shot) if isinstance(shot, str) else None
    text = recipe.shot if recipe else shot
    wanted = _diorama().read_shot(text) if isinstance(text, str) else text
    wanted = replace(wanted, fps=wanted.fps if fps is None else fps, size_px=size or wanted.size_px)
    wanted = replace(wanted, mix=_remixed(wanted.mix, loudness_of(loudness), _tracks(mute)))
    _check(wanted)
    photo = read_picture(image)
    wanted = replace(wanted, framing=_cropped(wanted, photo_px=(photo.shape[1], photo.shape[0])))
    clip = _diorama().replay(photo, wanted, progress).with_writers(WRITERS)
    return clip if recipe is None or _same_photo(recipe, clip) else replace(clip, notes=(*clip.notes, OTHER_PHOTO))


def save(clip: Clip, path: str | Path, *, progress: Progress = ignore_progress) -> Path:
    """Write a clip as an MP4, whole or not at all, and return its path.

    Raises:
        OutputUnwritable: the folder does not exist or cannot be written.
        DiskFull: the disk filled up; nothing stays under `path`.
    """
    return clip.with_writers(WRITERS).save(path, progress=progress)


def look(image: PictureSource, *, progress: Progress = ignore_progress) -> NDArray[np.uint8]:
    """A picture of what the engine sees in a photo: layers, depth and labels. sRGB, shape (height, width, 3)."""
    return _diorama().look(read_picture(image), progress)


def draft_size(photo: NDArray[np.uint8]) -> Size:
    """The size of a quick draft in the photo's orientation."""
    landscape, portrait = DRAFT_SIZES_PX
    return portrait if photo.shape[0] > photo.shape[1] else landscape


def shot_json(text: str) -> str:
    """The Shot's JSON out of `text`, which is that JSON or the recipe of a film; other text comes back unchanged.

    Raises:
        ShotInvalid: the text is too long or too deeply nested to be either.
    """
    recipe = parse_recipe(text)
    return recipe.shot if recipe else text


def _tracks(mute: Sequence[str]) -> tuple[str, ...]:
    """Names of tracks; one name alone is as good as a list of one."""
    return (mute,) if isinstance(mute, str) else tuple(mute)


def _remixed(mix: Mix, loudness_lufs: float | None, muted: tuple[str, ...]) -> Mix:
    loudness_lufs = mix.loudness_lufs if loudness_lufs is None else loudness_lufs
    check_mix(loudness_lufs, muted)
    return replace(mix, loudness_lufs=loudness_lufs, muted=tuple(dict.fromkeys((*mix.muted, *muted))))


def _diorama() -> Diorama:
    """The embedded engine: the one that plans, since others take words only. Its rooms load when they are needed."""
    from stillmotion.engines.diorama import Diorama  # noqa: PLC0415

    return Diorama()


def _same_photo(recipe: Recipe, clip: Clip) -> bool:
    """Whether a recipe and a clip come from one photo, as far as both say."""
    made = parse_recipe(clip.recipe)
    known = {recipe.photo_sha256, made.photo_sha256 if made else None} - {None}
    return len(known) < 2


def _check(shot: Shot) -> None:
    check_duration(shot.duration_s)
    check_size(shot.size_px)
    check_fps(shot.fps)


def _cropped(shot: Shot, *, photo_px: Size) -> Box:
    """The framing, cut around its middle to the shape of the Shot's size; untouched when it has that shape."""
    box = shot.framing
    wanted = shot.size_px[0] / shot.size_px[1] * photo_px[1] / photo_px[0]
    if abs(box.width / (box.height * wanted) - 1) < SAME_SHAPE:
        return box
    width, height = min(box.width, box.height * wanted), min(box.height, box.width / wanted)
    (x, y) = box.centre
    return Box(x0=x - width / 2, y0=y - height / 2, x1=x + width / 2, y1=y + height / 2)
