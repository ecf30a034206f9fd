"""The weights that any photo takes, fetched together: a person then sees one bar instead of a standstill.

What only some photos or prompts take (mattes of living things, the meaning of unknown words) comes when it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion import assets
from stillmotion.diorama.perception import classifier, depth, detector, faces, inpaint, regions, saliency

if TYPE_CHECKING:
    from stillmotion.progress import Progress


def fetch_weights(progress: Progress) -> None:
    """Fetch what is absent; returns at once when nothing is. Raises as `assets.path` does."""
    assets.fetch(
        (
            regions.ENCODER,
            regions.DECODER,
            saliency.ASSET,
            depth.source_name(),
            inpaint.ASSET,
            detector.ASSET,
            classifier.ASSET,
            faces.ASSET,
        ),
        progress,
    )
