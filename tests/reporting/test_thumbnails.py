"""Media of anybody: shown small and drawn anew, or named with the reason; nothing of a hostile file gets through."""

import struct
import sys
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.reporting.thumbnails import (
    MOST_PIXELS,
    SIDE,
    SMALL_FILM,
    SMALL_SOUND,
    Shown,
    fit_for_page,
)

Image = pytest.importorskip("PIL.Image")

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>window.harmed = 1</script></svg>'
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "
MP4 = b"\x00\x00\x00\x18ftypisom"


def picture(size: tuple[int, int] = (900, 600), mode: str = "RGB", form: str = "PNG", **more: Any) -> bytes:
    stream = BytesIO()
    Image.new(mode, size, 200).save(stream, form, **more)
    return stream.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


def opened(found: Shown | str) -> Any:
    assert isinstance(found, Shown)
    return Image.open(BytesIO(found.data))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_pictures_become_small_ones(form: str) -> None:
    small = opened(fit_for_page(picture(form=form)))
    assert max(small.size) == SIDE
    assert small.size[0] / small.size[1] == pytest.approx(1.5, abs=0.02)


def test_what_is_transparent_stays_so_and_all_else_is_a_photograph() -> None:
    assert opened(fit_for_page(picture(mode="RGBA"))).mode == "RGBA"
    assert opened(fit_for_page(picture(mode="L"))).format == "JPEG"


def test_nothing_of_the_file_itself_is_passed_on() -> None:
    file = picture(form="JPEG", comment=b"<script>window.harmed = 1</script>") + b"<script>after</script>"
    found = fit_for_page(file)
    assert isinstance(found, Shown)
    assert b"<script" not in found.data


def test_a_picture_lies_as_its_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    assert opened(fit_for_page(picture(form="JPEG", exif=exif))).size == (213, 320)


@pytest.mark.parametrize("size", [(60_000, 60_000), (MOST_PIXELS, 2), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_not_drawn(size: tuple[int, int]) -> None:
    found = fit_for_page(bomb(*size))
    assert isinstance(found, str)
    assert "too many" in found


@pytest.mark.parametrize("data", [SVG, b"", b"<html>", b"%PDF-1.7", b"\x00" * 100])
def test_other_formats_are_named_alone(data: bytes) -> None:
    assert fit_for_page(data) == "of a format that is not shown here"


def test_a_torn_picture_is_named_alone() -> None:
    found = fit_for_page(picture(form="PNG")[:60])
    assert isinstance(found, str)
    assert found.startswith("cannot be drawn")


@given(
    st.sampled_from([picture((8, 8), form=form) for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP")]), st.data()
)
def test_damaged_pictures_raise_nothing(file: bytes, data: st.DataObject) -> None:
    damaged = bytearray(file)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    found = fit_for_page(bytes(damaged))
    assert isinstance(found, str) or found.media_type in {"image/png", "image/jpeg"} or found.kind != "image"


@pytest.mark.parametrize(("data", "kind", "most"), [(WAV, "audio", SMALL_SOUND), (MP4, "video", SMALL_FILM)])
def test_small_sounds_and_films_are_played_and_large_ones_named(data: bytes, kind: str, most: int) -> None:
    found = fit_for_page(data)
    assert isinstance(found, Shown)
    assert (found.kind, found.data) == (kind, data)
    assert fit_for_page(data + b"\0" * most) == "too large to be played here"


def test_without_pillow_small_pictures_of_known_size_are_shown_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small, large = picture((30, 20)), picture((400, 400), mode="RGB", compress_level=0)
    jpeg = picture((30, 20), form="JPEG")
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert fit_for_page(small) == Shown("image", "image/png", small)
    assert "agentbench-sdk[media]" in str(fit_for_page(large))
    assert "agentbench-sdk[media]" in str(fit_for_page(jpeg))
    assert "too many" in str(fit_for_page(bomb(60_000, 60_000)))
