"""Whatever bytes a source serves, the worst outcome is that the next source is tried."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillmotion.assets.archives import copy_tar_members, copy_zip_member
from stillmotion.assets.failures import SourceError
from stillmotion.assets.pip_client import parse_page

MEMBER = "pkg/w\u00e9ights.bin"
CONTENT = b"weights " * 8
HTML = b"""<!doctype html><![CDATA[x]]><a href="http://[::1]:80/pkg-1.whl#sha256=00">a</a><a href='/b%2B1.whl'>b</a>"""
JSON = json.dumps({"files": [{"filename": "a.whl", "url": "http://[::1]:80/a.whl"}]}).encode()
PATCHES = st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=3)), min_size=1, max_size=3)
"""Where to overwrite, and with what."""


class Sink(io.BytesIO):
    """Takes what it gets."""

    size_bytes = len(CONTENT)


def archive() -> bytes:
    """A zip of two members, one with a name beyond ASCII."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(MEMBER, CONTENT)
        made.writestr("pkg/other.bin", b"other")
    return file.getvalue()


def mutated(whole: bytes, patches: list[tuple[int, bytes]]) -> bytes:
    """Some bytes replaced, nothing longer or shorter."""
    content = bytearray(whole)
    for place, patch in patches:
        start = place % len(content)
        content[start : start + len(patch)] = patch[: len(content) - start]
    return bytes(content)


@given(PATCHES)
@settings(max_examples=150, deadline=None)
def test_a_mutated_zip_is_read_or_refused(patches: list[tuple[int, bytes]]) -> None:
    """Any bytes overwritten anywhere in a zip: the member comes out, or the source has failed; nothing else happens."""
    sink = Sink()
    try:
        copy_zip_member(io.BytesIO(mutated(archive(), patches)), MEMBER, sink)
    except SourceError:
        return
    assert sink.getvalue() == CONTENT


@given(st.binary(max_size=600))
@settings(max_examples=60, deadline=None)
def test_any_bytes_in_the_place_of_an_archive_are_refused(content: bytes) -> None:
    """Bytes that were never an archive fail the source."""
    with pytest.raises(SourceError):
        copy_zip_member(io.BytesIO(content), MEMBER, Sink())
    with pytest.raises(SourceError):
        copy_tar_members(io.BytesIO(content), {MEMBER: Sink()})


@pytest.mark.parametrize(("page", "kind"), [(HTML, "text/html"), (JSON, "application/json")])
@given(patches=PATCHES)
@settings(max_examples=150, deadline=None)
def test_a_mutated_index_page_is_read_or_refused(page: bytes, kind: str, patches: list[tuple[int, bytes]]) -> None:
    """Any bytes overwritten in an index page: it is read, or the index has failed; nothing else happens."""
    with contextlib.suppress(SourceError):
        parse_page(mutated(page, patches), kind, "http://index/simple/a/")
