"""Large deliveries: held in a file while they come in, stored as they are, and read from the archive piece by piece."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pytest

from dashboard import large_bytes
from dashboard.archive import Archive, ArchiveError
from dashboard.large_bytes import LargeBytes, collect, sha256_of, stream_of, whole
from tests.archiving import flip, record_of, segments_of

TEXT = b"".join(b"2024-01-%02d,%d\n" % (number % 28 + 1, number) for number in range(20_000))
RANDOM = os.urandom(100_000)


@pytest.fixture(autouse=True)
def _small_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_bytes, "LARGE", 1000)
    monkeypatch.setattr("dashboard.archive.files.segments.LARGE", 1000)


def in_pieces(data: bytes) -> large_bytes.Bytes:
    return collect(data[begin : begin + 700] for begin in range(0, len(data), 700))


@pytest.mark.parametrize(("data", "codec"), [(TEXT, "zstd"), (RANDOM, ""), (gzip.compress(TEXT), "")])
def test_bytes_are_compressed_where_that_pays_and_are_the_same_when_read(data: bytes, codec: str) -> None:
    large = in_pieces(data)
    assert isinstance(large, LargeBytes)
    assert (large.codec, len(large), sha256_of(large)) == (codec, len(data), hashlib.sha256(data).hexdigest())
    assert whole(large) == data
    first, second = large.stream(), large.stream()
    assert [first.read(10), second.read(20), first.read(10)] == [data[:10], data[:20], data[10:20]]


def test_few_bytes_stay_in_memory() -> None:
    assert in_pieces(b"date,value\n") == b"date,value\n"
    assert isinstance(collect([b"a"], expected=2000), LargeBytes)
    assert whole(collect([], expected=2000)) == b""


@pytest.mark.parametrize("data", [TEXT, RANDOM])
def test_a_large_delivery_is_archived_byte_for_byte_among_small_ones(tmp_path: Path, data: bytes) -> None:
    archive, large = Archive(tmp_path), in_pieces(data)
    small, sha256, last = archive.keep_all([("s", b"a,1\n"), ("s", large), ("t", b"b,2\n")])
    again = Archive(tmp_path)
    assert [whole(again.data("s", small)), whole(again.data("t", last))] == [b"a,1\n", b"b,2\n"]
    stored = again.data("s", sha256)
    assert isinstance(stored, LargeBytes)
    assert stream_of(stored).read() == data
    assert sum(path.stat().st_size for path in segments_of(tmp_path)) < len(data) + 1000


def test_a_large_delivery_is_stored_once_and_anew_where_it_is_damaged(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    sha256 = archive.keep("s", in_pieces(TEXT))
    size = segments_of(tmp_path)[0].stat().st_size
    archive.keep("s", in_pieces(TEXT))
    assert segments_of(tmp_path)[0].stat().st_size == size
    record = record_of(tmp_path, "s")
    flip(segments_of(tmp_path)[0], record.begin + record.stored // 2)
    with pytest.raises(ArchiveError, match="these are not the bytes that were received"):
        Archive(tmp_path).data("s", sha256)
    mended = Archive(tmp_path)
    mended.keep("s", in_pieces(TEXT))
    assert whole(mended.data("s", sha256)) == TEXT


def test_a_large_delivery_survives_a_compaction(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.keep("gone", RANDOM[:5000])
    sha256 = archive.keep("s", in_pieces(TEXT))
    archive.forget("gone", {"at": "2026-01-01T00:00:00+00:00", "by": "N", "why": "made up"})
    assert archive.compact() > 4000
    assert whole(Archive(tmp_path).data("s", sha256)) == TEXT


def test_a_full_disk_for_large_files_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_bytes.os, "fdopen", lambda *_: open("/dev/full", "wb", buffering=0))  # noqa: SIM115, PTH123
    with pytest.raises(OSError, match=r"no room in .* for a large file"):
        in_pieces(RANDOM)
