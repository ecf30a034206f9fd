"""The weights that a photo may take, fetched together: a person then sees one bar instead of a standstill.

Also what they are called together: two machines whose `identity` differs may see two scenes in the same photo. The
network that compares texts is apart (`embeddings.ready`): few prompts need it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from stillmotion import assets
from stillmotion.diorama.perception import (
    classifier,
    depth,
    detector,
    faces,
    inpaint,
    person_matte,
    regions,
    saliency,
)

if TYPE_CHECKING:
    from stillmotion.progress import Progress

_DIGITS = 12


def fetch_weights(progress: Progress) -> None:
    """Fetch what is absent; returns at once when nothing is. Raises as `assets.path` does."""
    assets.fetch(_names(), progress)


def identity() -> str:
    """Which networks read a photo on this machine, for cache keys and recipes.

    Cheap: the digests come from the manifest, or from when a file was adopted; no file is hashed here.

    Returns:
        The depth network's name, a hyphen, and twelve hex digits over the sha256 of every network. Safe in file names.
    """
    named = "".join(f"{name} {assets.digest(name)}\n" for name in _names())
    return f"{depth.source_name()}-{hashlib.sha256(named.encode()).hexdigest()[:_DIGITS]}"


def _names() -> tuple[str, ...]:
    """Every network that the analysis of a scene may ask."""
    return (
        regions.ENCODER,
        regions.DECODER,
        saliency.ASSET,
        depth.source_name(),
        inpaint.ASSET,
        detector.ASSET,
        classifier.ASSET,
        faces.ASSET,
        person_matte.ASSET,
    )
