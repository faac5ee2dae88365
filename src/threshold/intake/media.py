"""Copies what was sent and cuts media out of it, unread, before anything is written.

Media hides in a delivery as base64 (in XML, JSON, CSV, mail, in UTF-8 and UTF-16), as hex digits, as the file
members of an upload, as raw bytes, or as the file itself. What looks like it leaves a short marker; where it
stood, what it seemed to be and how long it was are kept; a digest of it never is (design.md section 3, rule 1).

A stream of any length goes through in one pass with a few chunks in memory. Ordinary text is copied byte for
byte. In doubt the cut is made: a lost line can be asked for again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from threshold.intake.reading import Cut

CHUNK = 1024 * 1024
LONGEST_RUN = 1024  # significant characters of base64 that no text needs
LONGEST_HEX = 2048
SHORTEST_WITH_MAGIC = 64
SHORTEST_LINE = 24  # base64 is wrapped at 60 to 76; words and names alone on a line are shorter than this
LONGEST_HEADERS = 64 * 1024


@dataclass(frozen=True, slots=True)
class CutResult:
    """What went through. The digest is of the container as it came; None where that was media itself."""

    sha256_of_container: str | None
    length: int
    cuts: tuple[Cut, ...]
    whole_file_is_media: bool


def media_kind(head: bytes) -> str | None:
    """What kind of media begins with these bytes, by the signature alone; None for anything else."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp" and head[:2] == b"\x00\x00":
        return "heic" if head[8:12] in _HEIC else "mp4"
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00" and len(head) >= 14:
        return "bmp"
    return None


_SIGNATURES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\x1a\x45\xdf\xa3", "mkv"),
    (b"%PDF-", "pdf"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg2000"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jpegxl"),
    (b"\xff\x0a", "jpegxl"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (b"8BPS\x00", "psd"),
)
_RIFF = {b"WEBP": "webp", b"AVI ": "avi", b"WAVE": "wav"}
_HEIC = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"}
# An archive may hold media that cannot be seen without unpacking it, so none of it is written.
_ARCHIVES = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a", "rar"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
# Signatures that no text holds: from here on a stream is not text.
_RAW = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\x1a\x45\xdf\xa3", b"ftyp")


def cut_media(source: BinaryIO, sink: BinaryIO) -> CutResult:
    """Copies *source* to *sink* without the media in it."""
    digest = hashlib.sha256()
    head = _read_full(source, CHUNK)
    kind = media_kind(head[:64])
    if kind is not None:
        length = len(head) + _drain(source, None)
        return CutResult(None, length, (Cut(0, kind, length),), whole_file_is_media=True)
    digest.update(head)
    name = _opaque_kind(head)
    if name is not None:
        length = len(head) + _drain(source, digest)
        sink.write(marker(name, length))
        return CutResult(digest.hexdigest(), length, (Cut(0, name, length),), whole_file_is_media=False)

    cutter = _cutter_for(head, sink)
    length = 0
    chunk = head
    while chunk:
        length += len(chunk)
        cutter.feed(chunk)
        chunk = source.read(CHUNK)
        digest.update(chunk)
    cuts = cutter.finish()
    # A file of nothing but one base64 text is that image in another writing, and so would be its digest.
    only_media = bool(cuts) and cutter.only_white_space
    return CutResult(None if only_media else digest.hexdigest(), length, cuts, only_media)


def marker(kind: str, length: int) -> bytes:
    """What stands in place of a cut: safe inside XML, JSON strings and CSV cells."""
    return f"[media cut: {kind} of {length} bytes]".encode("ascii")


def _read_full(source: BinaryIO, size: int) -> bytes:
    """The first *size* bytes, however small the pieces are that the source gives."""
    pieces: list[bytes] = []
    while size > 0 and (piece := source.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _drain(source: BinaryIO, digest: hashlib._Hash | None) -> int:
    length = 0
    while chunk := source.read(CHUNK):
        length += len(chunk)
        if digest is not None:
            digest.update(chunk)
    return length


def _opaque_kind(head: bytes) -> str | None:
    """An archive, or a binary file in which nobody could say what is media."""
    for signature, name in _ARCHIVES:
        if head.startswith(signature):
            return f"{name} archive"
    if _MULTIPART.match(head) or wide_encoding(head):
        return None
    sample = head[:65536]
    control = len(sample) - len(sample.translate(None, _CONTROL))
    return "binary file" if len(sample) > 512 and control * 10 > len(sample) else None


_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_MULTIPART = re.compile(
    rb"(?:\r?\n)?--([^\r\n]{1,200}?)[ \t]*\r?\n(?:[\w-]+:[^\r\n]*\r?\n){0,20}?Content-Disposition:[ \t]*form-data",
    re.IGNORECASE,
)


def wide_encoding(head: bytes) -> str | None:
    """UTF-16, by its byte-order mark or by the NUL beside its first ASCII characters."""
    if head.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if head.startswith(b"\xfe\xff"):
        return "utf-16-be"
    if len(head) >= 8 and head[1:8:2] == b"\x00\x00\x00\x00" and all(head[0:8:2]):
        return "utf-16-le"
    if len(head) >= 8 and head[0:8:2] == b"\x00\x00\x00\x00" and all(head[1:8:2]):
        return "utf-16-be"
    return None


class Cutter(Protocol):
    @property
    def only_white_space(self) -> bool: ...

    def feed(self, chunk: bytes) -> None: ...

    def finish(self) -> tuple[Cut, ...]: ...


def _cutter_for(head: bytes, sink: BinaryIO) -> Cutter:
    if found := _MULTIPART.match(head):
        return MultipartCutter(found[1], sink)
    return TextCutter(sink, wide_encoding(head))


class Alphabet:
    """The patterns of one way to write text: one byte a character, or two.

    *significant* is base64 in both alphabets; an escaped slash, plus or minus counts as one. *line* is an
    unbroken stretch of it, *gap* a line break in any spelling, *padding* the equals signs at the end.
    """

    def __init__(self, encoding: str | None) -> None:
        self.encoding = encoding or "ascii"
        self.width = 1 if encoding is None else 2

        def char(options: bytes) -> bytes:
            """One character of a set."""
            if encoding is None:
                return b"[" + options + b"]"
            return (
                b"(?:[" + options + b"]\\x00)" if encoding == "utf-16-le" else b"(?:\\x00[" + options + b"])"
            )

        def word(*characters: bytes) -> bytes:
            return b"(?:" + b"".join(char(one) for one in characters) + b")"

        significant = char(rb"A-Za-z0-9+/_-")
        escaped = b"|".join(
            (
                word(rb"\\", rb"/"),
                word(rb"\\", b"u", b"0", b"0", b"2", b"fFbB"),
                word(b"%", b"2", b"fFbB"),
                word(b"&", b"#", b"x", b"2", b"fFbB", b";"),
                word(b"&", b"#", b"4", b"37", b";"),
            )
        )
        equals = b"|".join(
            (
                char(b"="),
                word(rb"\\", b"u", b"0", b"0", b"3", b"dD"),
                word(b"%", b"3", b"dD"),
                word(b"&", b"#", b"x", b"3", b"dD", b";"),
                word(b"&", b"#", b"6", b"1", b";"),
            )
        )
        breaks = b"|".join(
            (
                char(rb"\r\n"),
                word(rb"\\", b"nr"),
                word(rb"\\", b"u", b"0", b"0", b"0", b"aAdD"),
                word(b"%", b"0", b"aAdD"),
                word(b"&", b"#", b"1", b"03", b";"),
                word(b"&", b"#", b"x", b"aAdD", b";"),
                word(b"&", b"#", b"x", b"0", b"aAdD", b";"),
                word(b"=", rb"\r\n"),  # the soft break of quoted-printable
            )
        )
        blank = char(rb" \t")
        self.line = re.compile(significant + b"*+(?:(?:" + escaped + b")" + significant + b"*+)*+")
        # A line break becomes a space where an attribute is normalised.
        margin = blank + b"{0,16}+"
        gap = margin + b"(?:" + breaks + b"){1,3}+" + margin + b"|" + blank + b"{1,16}+"
        self.gap = re.compile(gap)
        self.padding = re.compile(b"(?:(?:" + gap + b")?(?:" + equals + b")){0,3}")
        self.back = re.compile(b"(?:" + significant + b"|" + escaped + rb")*\Z")
        self.data_uri = self.widen(b";base64,")

    def back_from(self, text: bytes, begin: int, end: int) -> int:
        """Where the unbroken stretch of base64, escapes and all, that ends here starts; *end* if none does."""
        begin += begin % self.width
        found = self.back.search(text, begin, end) if begin < end else None
        return found.start() if found else end

    def narrow(self, text: bytes) -> bytes:
        return text if self.width == 1 else text.replace(b"\x00", b"")

    def widen(self, text: bytes) -> bytes:
        return text if self.width == 1 else text.decode("ascii").encode(self.encoding)


_SIGNIFICANT = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_ESCAPES = re.compile(rb"\\/|\\u002[fFbB]|%2[fFbB]|&#x2[fFbB];|&#4[37];")
_AS_ONE = bytes(65 if byte in _SIGNIFICANT else 32 for byte in range(256))
_AS_ONE_WIDE = b"A" + _AS_ONE[1:]  # the NUL beside each character goes along
_MAY_GO_ON = frozenset(b"\\%&=\r\n \t")
_MAY_JOIN_BEFORE = frozenset((b"\\", b"%", b";", b"&"))
_HEX_ONLY = re.compile(rb"[0-9A-Fa-f]+")
_ALPHANUMERIC = re.compile(rb"[A-Za-z0-9]")
_UPPER = re.compile(rb"[A-Z]")
_LOWER = re.compile(rb"[a-z]")
_HEADER = re.compile(rb"data:(?:[\w.+-]{1,40}/)?([\w.+-]{1,60})[^,\s]{0,60},\Z", re.IGNORECASE)
_NOT_TEXT = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"

BACK = 512  # characters before a run that short pieces of it may take up, joined by escapes
CONTEXT = 1280  # bytes already written that are still looked at
TAIL = 256  # bytes not yet written at the end of what has come
MARGIN = 48  # an escape, a line break or a padding may be cut in two at the end of what has come


@dataclass(slots=True)
class _Run:
    """A run of base64 or hex: [start, end). ``kind`` None: not media. ``goes_on``: it touches the end so far."""

    start: int
    end: int
    kind: str | None
    goes_on: bool


@dataclass(slots=True)
class _OpenCut:
    offset: int
    kind: str
    length: int
    line: int


class TextCutter:
    """Cuts base64, hex and raw media out of a text in one encoding."""

    def __init__(self, sink: BinaryIO, encoding: str | None = None) -> None:
        self.sink = sink
        self.alphabet = Alphabet(encoding)
        self.cuts: list[Cut] = []
        self.only_white_space = True
        self.buffer = b""
        self.base = 0  # where the buffer starts in the container
        self.written = 0  # how much of the buffer is written or cut
        self.looked = 0  # how much of it needs no second look
        self.open: _OpenCut | None = None
        self.raw: _OpenCut | None = None

    def feed(self, chunk: bytes) -> None:
        self.buffer += chunk
        self._work(last=False)

    def finish(self) -> tuple[Cut, ...]:
        self.flush()
        return tuple(self.cuts)

    def flush(self) -> None:
        """Everything that came so far is all there is of this text."""
        self._work(last=True)
        if self.raw is not None:
            self._close(self.raw)
            self.raw = None

    def skip(self, kind: str, length: int) -> None:
        """A cut that somebody else made, after ``flush``: a file member of an upload."""
        self._close(_OpenCut(self.base, kind, length, 0))
        self.base += length

    def _work(self, *, last: bool) -> None:
        if self.raw is None and self.open is not None:
            self._continue(last)
        if self.raw is None and self.open is None:
            self._search(last)
        if self.raw is not None:
            self.raw.length += len(self.buffer) - self.written
            self.written = self.looked = len(self.buffer)
        self._shift(0 if last else CONTEXT)

    def _shift(self, context: int) -> None:
        drop = max(self.written - context, 0)
        drop -= (self.base + drop) % self.alphabet.width
        if drop > 0:
            self.buffer = self.buffer[drop:]
            self.base += drop
            self.written -= drop
            self.looked = max(self.looked - drop, self.written)

    def _write(self, until: int) -> None:
        if until > self.written:
            piece = self.buffer[self.written : until]
            self.sink.write(piece)
            if self.only_white_space and piece.strip(_NOT_TEXT):
                self.only_white_space = False
            self.written = until

    def _close(self, cut: _OpenCut) -> None:
        self.sink.write(self.alphabet.widen(marker(cut.kind, cut.length)))
        self.cuts.append(Cut(cut.offset, cut.kind, cut.length))

    def _search(self, last: bool) -> None:
        text = self.buffer
        runs = _Candidates(text, self.alphabet)
        at = max(self.looked, self.written)
        raw = self._raw_start(at)
        held: int | None = None
        while (found := runs.after(at)) is not None:
            start, header = found
            if raw is not None and raw <= start:
                break
            run = self._judge(start, header, last)
            if run is None:
                held = self._start(start)
                break
            at = max(run.end, start + self.alphabet.width)
            if run.kind is None:
                continue
            self._write(run.start)
            cut = _OpenCut(self.base + run.start, run.kind, run.end - run.start, 0)
            self.written = run.end
            if run.goes_on:
                self.open = cut
                self.looked = run.end
                return
            self._close(cut)
        if raw is not None and held is None:
            self._write(raw)
            kind = media_kind(text[raw : raw + 64]) or "media"
            self.raw = _OpenCut(self.base + raw, kind, 0, 0)
            return
        until = len(text) if last else (runs.safe_end(at) if held is None else held)
        self._write(until)
        self.looked = max(at if held is None else held, self.written)

    def _raw_start(self, at: int) -> int | None:
        """Where the stream stops being text: it is cut from there to its end."""
        if self.alphabet.width == 2:
            return None
        found = []
        for signature in _RAW:
            where = self.buffer.find(signature, at)
            if signature == b"ftyp":
                while where >= 0 and not (where >= 4 and self.buffer[where - 4 : where - 2] == b"\x00\x00"):
                    where = self.buffer.find(signature, where + 1)
                where = max(where - 4, self.written) if where >= 0 else where
            if where >= 0:
                found.append(where)
        return min(found) if found else None

    def _start(self, start: int) -> int:
        """Where a run truly starts: after the letter of an escape, or before short pieces joined by escapes."""
        if self._narrow(max(start - self.alphabet.width, 0), start) not in _MAY_JOIN_BEFORE:
            return start
        start = self._off_escape(start)
        begin = max(self.written, start - BACK * self.alphabet.width)
        back = self.alphabet.back_from(self.buffer, begin, start)
        return self._off_escape(back) if back < start else start

    def _off_escape(self, start: int) -> int:
        """``\\n`` before base64 looks as if an *n* belonged to it; ``\\/`` does belong to it."""
        width = self.alphabet.width
        before = self._narrow(max(start - 8 * width, 0), start)
        after = self._narrow(start, start + 5 * width)
        slashes = len(before) - len(before.rstrip(b"\\"))
        if slashes % 2:
            if after[:1] == b"/" or after.lower() in (b"u002f", b"u002b"):
                return start - width if start - width >= self.written else start
            return start + (5 * width if after[:1] == b"u" else width)
        if before.endswith(b"%") and _HEX_ONLY.fullmatch(after[:2]):
            joined = after[:2].lower() in (b"2f", b"2b") and start - width >= self.written
            return start - width if joined else start + 2 * width
        return start

    def _narrow(self, start: int, end: int) -> bytes:
        return self.alphabet.narrow(self.buffer[start:end])

    def _judge(self, found: int, header: bool, last: bool) -> _Run | None:
        """The run that starts here, and whether it is media; None while too little of it has come to tell."""
        text, alphabet = self.buffer, self.alphabet
        width = alphabet.width
        near = len(text) + 1 if last else len(text) - MARGIN * width
        start = self._start(found)
        kind: str | None = None
        if header:
            kind = self._header_kind(found)
            gap = alphabet.gap.match(text, found)
            start = gap.end() if gap else found
        elif len(text) - start >= 4 * SHORTEST_WITH_MAGIC * width or last:
            kind = self._magic(start)
        elif not last:
            return None
        line = alphabet.line.match(text, start)
        end = line.end() if line else start
        first = self._narrow(start, min(end, start + 8192))
        length = (end - start) // width
        hexadecimal = bool(_HEX_ONLY.fullmatch(first))
        limit = LONGEST_HEX if hexadecimal else LONGEST_RUN
        if not _ALPHANUMERIC.search(first) and kind is None:
            return _Run(start, end, None, goes_on=False)
        likely = hexadecimal or (_UPPER.search(first) is not None and _LOWER.search(first) is not None)
        walked = self._lines(end, length, length, near, limit, kind is not None, likely, hexadecimal)
        end, length, touched = walked
        if kind is None and length > limit:
            kind = "hex" if hexadecimal else "base64"
        if kind is None and touched:
            return None
        if kind is not None and not touched:
            end = self._padding(end)
        if end == start and not touched:
            kind = None
        return _Run(start, end, kind, goes_on=touched)

    def _lines(
        self,
        end: int,
        length: int,
        first: int,
        near: int,
        limit: int,
        decided: bool,
        likely: bool,
        hexadecimal: bool,
    ) -> tuple[int, int, bool]:
        """Follows a run from line to line: where it ends, how many characters it has, whether it touches the end."""
        text, alphabet = self.buffer, self.alphabet
        width = alphabet.width
        while True:
            if end >= near:
                return end, length, True
            decided = decided or length > limit
            gap = alphabet.gap.match(text, end) if decided or likely else None
            if gap is None:
                return end, length, False
            line = alphabet.line.match(text, gap.end())
            stop = line.end() if line else gap.end()
            size = (stop - gap.end()) // width
            if stop >= near and size < SHORTEST_LINE:
                return end, length, True
            if size == 0:
                return end, length, False
            if size < SHORTEST_LINE and size != first:
                # The last line of a run is short; a boundary of a mail starts with two hyphens, and what
                # follows on the same line is more likely words.
                broken = bool(self._narrow(gap.start(), gap.end()).strip(b" \t"))
                is_tail = decided and broken and self._narrow(gap.end(), gap.end() + 2 * width) != b"--"
                return (stop, length + size, stop >= near) if is_tail else (end, length, False)
            if not decided:
                words = self._narrow(gap.end(), min(stop, gap.end() + 512))
                like = (
                    _HEX_ONLY.fullmatch(words)
                    if hexadecimal
                    else _UPPER.search(words) and _LOWER.search(words)
                )
                if not like:
                    return end, length, False
            end, length = stop, length + size

    def _continue(self, last: bool) -> None:
        cut = self.open
        assert cut is not None
        text, alphabet = self.buffer, self.alphabet
        near = len(text) + 1 if last else len(text) - MARGIN * alphabet.width
        line = alphabet.line.match(text, self.written)
        end = line.end() if line else self.written
        end, _, touched = self._lines(end, 0, cut.line, near, 0, True, True, False)
        if not touched:
            end = self._padding(end)
        cut.length += end - self.written
        self.written = self.looked = end
        if not touched:
            self._close(cut)
            self.open = None

    def _padding(self, end: int) -> int:
        match = self.alphabet.padding.match(self.buffer, end)
        return match.end() if match else end

    def _header_kind(self, start: int) -> str:
        before = self._narrow(max(start - 160 * self.alphabet.width, 0), start)
        header = _HEADER.search(before.replace(b"\\/", b"/"))
        return header[1].decode("ascii", "replace").lower() if header else "data"

    def _magic(self, start: int) -> str | None:
        """The kind of media whose signature the run decodes to, as base64 or as hex."""
        alphabet = self.alphabet
        opening = self._narrow(start, start + 2 * alphabet.width)
        if opening not in _OPENINGS and opening[:1] not in _MAY_JOIN_BEFORE:
            return None
        sample = self.buffer[start : start + 6 * SHORTEST_WITH_MAGIC * alphabet.width]
        pieces: list[bytes] = []
        at = size = 0
        while size < SHORTEST_WITH_MAGIC:
            line = alphabet.line.match(sample, at)
            if line is None or line.end() == at:
                break
            piece = _ESCAPES.sub(_unescape, alphabet.narrow(line[0]))
            pieces.append(piece)
            size += len(piece)
            gap = alphabet.gap.match(sample, line.end())
            if gap is None:
                break
            at = gap.end()
        if size < SHORTEST_WITH_MAGIC:
            return None
        letters = b"".join(pieces)[:SHORTEST_WITH_MAGIC]
        if _HEX_ONLY.fullmatch(letters) and (kind := media_kind(bytes.fromhex(letters.decode("ascii")))):
            return kind
        try:
            return media_kind(
                base64.b64decode(letters, altchars=b"-_" if b"-" in letters or b"_" in letters else None)
            )
        except binascii.Error:
            return None


def _openings() -> frozenset[bytes]:
    """The first two characters of every signature, as base64 in both alphabets and as hex."""
    heads = [signature[:2] for signature, _ in _SIGNATURES]
    heads += [b"RI", b"BM", b"\x00\x00"]
    found = set()
    for head in heads:
        letters = base64.b64encode(head)[:2]
        found |= {letters, letters.translate(bytes.maketrans(b"+/", b"-_"))}
        digits = head.hex()[:2].encode("ascii")
        found |= {digits, digits.upper(), digits.capitalize(), digits[:1] + digits[1:].upper()}
    return frozenset(found)


_OPENINGS = _openings()


def _unescape(match: re.Match[bytes]) -> bytes:
    return b"+" if match[0].lower().rstrip(b";").endswith((b"2b", b"43")) else b"/"


class _Candidates:
    """Finds, fast, where a run might start: so many characters of base64 in a row, or ``;base64,``."""

    def __init__(self, text: bytes, alphabet: Alphabet) -> None:
        self.text = text
        self.alphabet = alphabet
        self.as_one = text.translate(_AS_ONE if alphabet.width == 1 else _AS_ONE_WIDE)
        self.needle = b"A" * (SHORTEST_LINE * alphabet.width)
        self.next_header = -1
        self.no_more_headers = False
        self.next_run: int | None = -1

    def after(self, at: int) -> tuple[int, bool] | None:
        header = self._header(at)
        if self.next_run is not None and self.next_run < at:
            self.next_run = self._run(at)
        run = self.next_run
        if header is not None and (run is None or header <= run + len(self.needle)):
            return header, True
        return (run, False) if run is not None else None

    def _header(self, at: int) -> int | None:
        if self.next_header < at and not self.no_more_headers:
            sign = self.alphabet.data_uri
            found = self.text.find(sign, max(at - len(sign), 0))
            self.no_more_headers = found < 0
            self.next_header = found + len(sign) if found >= 0 else -1
            if 0 <= self.next_header < at:
                self.next_header = -1
                return None
        return self.next_header if self.next_header >= at and not self.no_more_headers else None

    def _run(self, at: int) -> int | None:
        width = self.alphabet.width
        while True:
            start = self.as_one.find(self.needle, at)
            if start < 0:
                return None
            end = self.as_one.find(b" ", start + len(self.needle))
            # Most hits are single long words: too short to matter and with nothing that could join them on.
            if end < 0 or end - start >= SHORTEST_WITH_MAGIC * width or self.text[end] in _MAY_GO_ON:
                return start + start % width
            at = end

    def safe_end(self, at: int) -> int:
        """How far the text may be written when more is to come: not into what may turn out to be a run."""
        width = self.alphabet.width
        end = max(len(self.text) - TAIL * width, min(at, len(self.text)))
        end -= end % width
        # Back over short pieces that escapes join, and over an escape that may be cut in two.
        for _ in range(8):
            start = self.alphabet.back_from(self.text, max(end - BACK * width, 0), end)
            if start >= width and self.alphabet.narrow(self.text[start - width : start]) in _MAY_JOIN_BEFORE:
                start -= width
            if start == end:
                break
            end = start
        return end


_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


class MultipartCutter:
    """Cuts every file member of an upload whole, whatever it holds; its form fields pass through as text."""

    def __init__(self, boundary: bytes, sink: BinaryIO) -> None:
        self.text = TextCutter(sink)
        self.delimiter = b"--" + boundary
        self.buffer = b""
        self.file: tuple[str, int] | None = None  # kind and length of the member being cut

    @property
    def only_white_space(self) -> bool:
        return False

    def feed(self, chunk: bytes) -> None:
        self.buffer += chunk
        while self._step(last=False):
            pass

    def finish(self) -> tuple[Cut, ...]:
        while self._step(last=True):
            pass
        self._end_file()
        return self.text.finish()

    def _step(self, *, last: bool) -> bool:
        """Takes one part of the buffer away; False when more has to come first."""
        found = self._next_delimiter()
        if found is None:
            keep = 0 if last else len(self.delimiter) + 4
            self._take(max(len(self.buffer) - keep, 0))
            return False
        blank = _BLANK_LINE.search(self.buffer, found)
        if blank is None and not last and len(self.buffer) - found < LONGEST_HEADERS:
            self._take(found)
            return False
        self._take(found)
        self._end_file()
        size = blank.end() - found if blank else len(self.buffer)
        headers, self.buffer = self.buffer[:size], self.buffer[size:]
        self.text.feed(headers)
        if _is_file(headers):
            self.text.flush()
            self.file = ("", 0)
        return True

    def _next_delimiter(self) -> int | None:
        at = self.buffer.find(self.delimiter)
        while at >= 0:
            if at == 0 or self.buffer[at - 1 : at] == b"\n":
                start = at - 2 if self.buffer[max(at - 2, 0) : at] == b"\r\n" else max(at - 1, 0)
                return start if at else 0
            at = self.buffer.find(self.delimiter, at + 1)
        return None

    def _take(self, size: int) -> None:
        piece, self.buffer = self.buffer[:size], self.buffer[size:]
        if self.file is None:
            self.text.feed(piece)
        elif piece:
            kind, length = self.file
            self.file = (kind or media_kind(piece[:64]) or "file", length + len(piece))

    def _end_file(self) -> None:
        if self.file is not None:
            kind, length = self.file
            self.file = None
            if length:
                self.text.skip(kind, length)


def _is_file(headers: bytes) -> bool:
    told = headers.lower()
    return b"filename" in told or (b"content-type:" in told and b"content-type: text/plain" not in told)
