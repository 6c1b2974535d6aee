"""Media made fit for a page: pictures as small new ones, sounds and films as they are where they are small.

Files come from anywhere. What a file is, is told by its first bytes, never by what it is called; a picture is decoded
within limits and drawn anew, so nothing of the file itself reaches the page. Vector graphics, which may hold
scripts, are never shown.
"""

from __future__ import annotations

import struct
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 40_000_000  # of a picture that is decoded: a few bytes can claim to be billions
SIDE = 320  # pixels of the longer side of a thumbnail
SMALL_PICTURE = 60_000  # bytes of a picture that is shown as it is where Pillow is not installed
SMALL_SOUND = 1_000_000
SMALL_FILM = 2_000_000

Kind = Literal["image", "audio", "video"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a medium.

    Attributes:
        media_type: MIME type of `data`.
        data: a file that a browser can show.
    """

    kind: Kind
    media_type: str
    data: bytes


def sniffed(data: bytes) -> str:
    """The MIME type by the first bytes of a file, of those that browsers show; "" for others.

    >>> sniffed(b"GIF89a"), sniffed(b"<svg/>")
    ('image/gif', '')
    """
    for start, media_type in _SIGNATURES:
        if data.startswith(start):
            return media_type
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12], "")
    if data[4:8] == b"ftyp":
        return "audio/mp4" if data[8:12] in (b"M4A ", b"M4B ") else "video/mp4"
    if data[:1] == b"\xff" and data[1:2] in (b"\xfb", b"\xf3", b"\xf2"):
        return "audio/mpeg"
    return ""


_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)


def fit_for_page(data: bytes) -> Shown | str:
    """A file as a page can show it, or why it cannot, in a few words.

    Arguments:
        data: the encoded file.
    """
    media_type = sniffed(data)
    kind = media_type.partition("/")[0]
    if kind == "image":
        return _picture(data, media_type)
    if kind == "audio":
        return Shown("audio", media_type, data) if len(data) <= SMALL_SOUND else "too large to be played here"
    if kind == "video":
        return Shown("video", media_type, data) if len(data) <= SMALL_FILM else "too large to be played here"
    return "of a format that is not shown here"


def _picture(data: bytes, media_type: str) -> Shown | str:
    try:
        from PIL import Image
    except ImportError:
        return _as_it_is(data, media_type)
    formats = [media_type.partition("/")[2].upper()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged metadata, which nobody here asks for
            with Image.open(BytesIO(data), formats=formats) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    return f"{opened.width:,} × {opened.height:,} pixels, too many to be drawn"
                return _drawn_anew(opened)
    except Image.DecompressionBombError:
        return "too many pixels to be drawn"
    except Exception as error:  # noqa: BLE001 - decoders of broken files raise whatever they like
        return f"cannot be drawn ({type(error).__name__})"


def _drawn_anew(opened: Image.Image) -> Shown:
    """The first frame, small; lossy unless parts of it are transparent."""
    from PIL import ImageOps

    opened.draft("RGB", (SIDE, SIDE))  # JPEG is decoded no larger than is needed
    picture = ImageOps.exif_transpose(opened) or opened
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((SIDE, SIDE))
    picture.info.clear()
    stream = BytesIO()
    if picture.mode == "RGBA":
        picture.save(stream, "PNG", optimize=True)
        return Shown("image", "image/png", stream.getvalue())
    picture.save(stream, "JPEG", quality=80, optimize=True)
    return Shown("image", "image/jpeg", stream.getvalue())


def _as_it_is(data: bytes, media_type: str) -> Shown | str:
    """A small picture without Pillow: formats alone whose size is told at a known place."""
    if len(data) > SMALL_PICTURE:
        return "not drawn: making small pictures of large ones needs agentbench-sdk[media]"
    size = _size(data, media_type)
    if size is None:
        return "not drawn: needs agentbench-sdk[media]"
    if size[0] * size[1] > MOST_PIXELS:
        return f"{size[0]:,} × {size[1]:,} pixels, too many to be drawn"
    return Shown("image", media_type, data)


def _size(data: bytes, media_type: str) -> tuple[int, int] | None:
    """Width and height of a PNG (ISO/IEC 15948, 11.2.2) or GIF (GIF89a, 18) in pixels."""
    try:
        if media_type == "image/png":
            width, height = struct.unpack_from(">II", data, 16)
        elif media_type == "image/gif":
            width, height = struct.unpack_from("<HH", data, 6)
        else:
            return None
    except struct.error:
        return None
    return width, height
