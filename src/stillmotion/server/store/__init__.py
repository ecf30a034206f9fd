"""Files of the service: uploads and outputs. Whole or absent; a key is written once and never again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.server.store.contract import Store, Stored, check_owner
from stillmotion.server.store.folder import FolderStore

if TYPE_CHECKING:
    from stillmotion.server.settings import Settings

__all__ = ["FolderStore", "Store", "Stored", "check_owner", "chosen_by", "of"]
_FILES, _INCOMING = "files", "incoming"
"""Folders of the data folder: of the store itself, or of what is gathered for one that lies elsewhere."""


def of(settings: Settings) -> Store:
    """The store that the settings name; whether it answers is not asked."""
    if settings.store_url is None:
        return FolderStore(settings.data_dir / _FILES)
    from stillmotion.server.store.s3 import S3Store  # noqa: PLC0415 - its library is large, and needed here alone

    return S3Store(settings.store_url, incoming=settings.data_dir / _INCOMING)


def chosen_by(settings: Settings) -> str:
    """What to change to have another store, in words."""
    return "--data-dir" if settings.store_url is None else "STILLMOTION_STORE_URL"
