"""An HTTP/1.1 answer as it arrives, byte by byte: status, headers, body, and where it ends. Pure.

llhttp (through httptools) parses; what is added here is what only a client knows: interim answers are
passed over, a body without a length ends with the connection (RFC 9112, section 6.3), nothing is taken
without bound, and whether the connection may carry another exchange.
"""

from __future__ import annotations

import zlib

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

MOST_HEAD_BYTES = 128 * 1024
MOST_BODY_BYTES = 256 * 1024 * 1024
ERROR_BODY_BYTES = 64 * 1024  # no more of an error's body is read
EVENT_STREAM = "text/event-stream"
_GZIP = ("gzip", "x-gzip")  # RFC 9110, section 8.4.1.3


class NotHttpError(Exception):
    """What came is no HTTP/1.1 answer, or none that this client asked for; the text says why."""


class AnswerReader:
    """Reads the answers of one connection, one after another: `begin`, then `feed` until `complete`.

    Attributes:
        status: of the answer, None until its head has come.
        headers: by name in lower case; of those that came twice, the first.
        complete: nothing more is awaited.
        streamed: it is a stream of events, to be read while it comes.
        reusable: the connection may carry another exchange.
    """

    __slots__ = (
        "_fields",
        "_inflate",
        "_most_body",
        "_parser",
        "_pieces",
        "_room",
        "complete",
        "headers",
        "on_body",
        "on_header",
        "reusable",
        "status",
        "streamed",
    )

    def __init__(self, most_body: int = MOST_BODY_BYTES) -> None:
        self._most_body = most_body
        self._fields: dict[bytes, bytes] = {}
        self._pieces: list[bytes] = []
        # llhttp's parser calls these two without a step through Python.
        self.on_header = self._fields.setdefault
        self.on_body = self._pieces.append
        self._parser = HttpResponseParser(self)
        # RFC 9112, sections 2.2 and 7.1: lines that end without a carriage return, and spaces behind the
        # size of a chunk, are seen in the wild and cannot be misread by a client.
        self._parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        self.begin()

    def begin(self) -> None:
        """Forget the last answer and await the next."""
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.complete = self.streamed = self.reusable = False
        self._room = MOST_HEAD_BYTES
        self._inflate: zlib._Decompress | None = None
        self._fields.clear()
        self._pieces.clear()

    def feed(self, data: bytes) -> None:
        """Take in what came.

        Raises:
            NotHttpError: it is no answer, or too much of one.
        """
        self._room -= len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._refuse(error)
        if self._room < 0 and not self.complete:
            self._overflow()

    def end(self) -> bool:
        """The other side has closed: whether the answer is complete, which one without a length then is."""
        framed = "content-length" in self.headers or "transfer-encoding" in self.headers
        if self.status is not None and not framed:
            self.complete = True
        return self.complete

    def take(self) -> bytes:
        """What has come of the body since this was last asked.

        Raises:
            NotHttpError: it is compressed, and damaged or too long.
        """
        pieces = self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        return body if self._inflate is None else self._inflated(self._inflate, body)

    # --- called by the parser -----------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A second answer to one request is refused (by the parser's error, which `feed` sees)."""
        if self.complete:
            raise NotHttpError("more than one answer")

    def on_headers_complete(self) -> None:
        """The head has come whole; one of an interim answer (1xx) is passed over."""
        fields = self._fields
        status = self._parser.get_status_code()
        if status >= 200:
            self.status = status
            self.headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in fields.items()
            }
            self._check_codings()
            fine = status < 300
            self._room += self._most_body if fine else ERROR_BODY_BYTES
            self.streamed = fine and _media_type(self.headers) == EVENT_STREAM
        fields.clear()

    def on_message_complete(self) -> None:
        """All of it has come, trailers included."""
        if self.status is not None:
            self.complete = True
            self.reusable = self._parser.should_keep_alive()

    # --- what is not taken --------------------------------------------------------------------

    def _check_codings(self) -> None:
        """Neither compression nor a coding but chunked was asked for; gzip comes from some proxies even so."""
        for name, fine in (("content-encoding", "identity"), ("transfer-encoding", "chunked")):
            coding = self.headers.get(name, fine).lower()
            if name == "content-encoding" and coding in _GZIP:
                self._inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS + 16)
            elif coding != fine:
                raise NotHttpError(f"its {name} is {coding[:40]!r}, which was not asked for")

    def _inflated(self, inflate: zlib._Decompress, body: bytes) -> bytes:
        try:
            plain = inflate.decompress(body, self._most_body)
        except zlib.error as error:
            raise NotHttpError(f"it is compressed and damaged ({error})") from None
        if inflate.unconsumed_tail:
            raise NotHttpError(f"it is longer than {self._most_body / 2**20:g} MiB, uncompressed")
        if self.complete and not inflate.eof:
            raise NotHttpError("it is compressed and breaks off")
        return plain

    def _refuse(self, error: Exception) -> None:
        self.reusable = False
        if not self.complete:  # what stands behind a complete answer only costs the connection
            cause = error.__context__
            raise cause if isinstance(cause, NotHttpError) else NotHttpError(_said(error)) from None

    def _overflow(self) -> None:
        if self.status is None:
            raise NotHttpError(f"its head is longer than {MOST_HEAD_BYTES // 1024} KiB")
        if 200 <= self.status < 300:
            raise NotHttpError(f"it is longer than {self._most_body / 2**20:g} MiB")
        self.complete = True  # an error's beginning says enough; the rest goes with the connection


def _media_type(headers: dict[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _said(error: Exception) -> str:
    if isinstance(error, HttpParserUpgrade):
        return "it changes to another protocol"
    return str(error) or type(error).__name__
