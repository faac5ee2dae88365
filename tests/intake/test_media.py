"""Media never reaches the sink, whatever it is written in; everything else does, byte for byte."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threshold.intake.media import CutResult, cut_media, cutting, pieces
from threshold.intake.reading import Cut

MARKER = re.compile(rb"\[media cut: [\w .+-]+ of \d+ bytes\]")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00"
MAGICS = {
    "jpeg": JPEG,
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "gif": b"GIF89a\x01\x00\x01\x00",
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00",
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
    "bmp": b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00",
    "tiff": b"II*\x00\x08\x00\x00\x00",
    "avi": b"RIFF\x24\x00\x00\x00AVI LIST",
    "mkv": b"\x1a\x45\xdf\xa3\x01\x00\x00\x00",
    "pdf": b"%PDF-1.7\n",
}


class Dribble(io.RawIOBase):
    """A source that hands out pieces of the sizes it is told, over and over."""

    def __init__(self, content: bytes, sizes: list[int]) -> None:
        self.content, self.sizes, self.at, self.turn = content, sizes, 0, 0

    def read(self, size: int = -1) -> bytes:
        size = self.sizes[self.turn % len(self.sizes)]
        self.turn += 1
        piece = self.content[self.at : self.at + size]
        self.at += len(piece)
        return piece


def noise(length: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(length)


def picture(length: int, kind: str = "jpeg", seed: int = 1) -> bytes:
    return MAGICS[kind] + noise(length - len(MAGICS[kind]), seed)


def cut(content: bytes, sizes: list[int] | None = None) -> tuple[bytes, CutResult]:
    """Through a head of one byte, so that every piece is a boundary inside the cutter too."""
    sink = io.BytesIO()
    whole = cutting.CHUNK, pieces.WORK
    try:
        if sizes:
            cutting.CHUNK, pieces.WORK = 64, 700
        result = cut_media(Dribble(content, sizes) if sizes else io.BytesIO(content), sink)  # type: ignore[arg-type]
    finally:
        cutting.CHUNK, pieces.WORK = whole
    return sink.getvalue(), result


def without_markers(content: bytes) -> bytes:
    return MARKER.sub(b"", content)


def wrap(text: bytes, width: int, gap: bytes) -> bytes:
    return gap.join(text[at : at + width] for at in range(0, len(text), width))


@pytest.mark.parametrize("kind", MAGICS)
def test_a_file_that_is_media_writes_nothing_and_has_no_digest(kind: str) -> None:
    content = picture(5000, kind)
    written, result = cut(content)
    assert written == b""
    assert result == CutResult(None, 5000, (Cut(0, kind, 5000),), whole_file_is_media=True)


@pytest.mark.parametrize("kind", MAGICS)
@pytest.mark.parametrize("length", [60, 700, 5000])
def test_base64_of_known_media_is_cut_however_short(kind: str, length: int) -> None:
    text = base64.b64encode(picture(length, kind))
    written, result = cut(b'{"note": "before", "image": "' + text + b'", "after": 1}')
    assert re.fullmatch(
        rb'\{"note": "before", "image": "\[media cut: \w+ of \d+ bytes\]", "after": 1\}', written
    )
    assert [(one.kind, one.offset, one.length) for one in result.cuts] == [(kind, 29, len(text))]


@pytest.mark.parametrize("kind", MAGICS)
def test_hex_of_known_media_is_cut(kind: str) -> None:
    written, result = cut(b"<blob>" + picture(200, kind).hex().encode() + b"</blob>")
    assert without_markers(written) == b"<blob></blob>"
    assert result.cuts[0].kind == kind


SPELLINGS = {
    "plain": lambda text: text,
    "url-safe": lambda text: text.replace(b"+", b"-").replace(b"/", b"_"),
    "lines of 76": lambda text: wrap(text, 76, b"\r\n"),
    "lines of 64": lambda text: wrap(text, 64, b"\n"),
    "indented lines": lambda text: wrap(text, 60, b"\n    "),
    "short lines": lambda text: wrap(text, 32, b"\n"),
    "spaces": lambda text: wrap(text.rstrip(b"=") + b"A" * (-len(text.rstrip(b"=")) % 64), 64, b" "),
    "json newlines": lambda text: wrap(text, 76, b"\\r\\n"),
    "json slashes": lambda text: text.replace(b"/", b"\\/"),
    "json escapes": lambda text: text.replace(b"/", b"\\u002f").replace(b"+", b"\\u002B"),
    "xml line feed": lambda text: wrap(text, 76, b"&#10;"),
    "xml carriage return": lambda text: wrap(text, 76, b"&#xD;\n"),
    "percent": lambda text: text.replace(b"/", b"%2F").replace(b"+", b"%2B").replace(b"=", b"%3D"),
    "quoted-printable": lambda text: wrap(text, 75, b"=\r\n"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le", "utf-16-be"])
def test_long_base64_is_cut_in_every_spelling(spelling: str, known: bool, encoding: str) -> None:
    content = picture(6000) if known else noise(6000)
    text = SPELLINGS[spelling](base64.b64encode(content))
    document = (b"some words before <v>" + text + b"</v> some words after").decode("ascii")
    written, result = cut(document.encode(encoding), [1000])
    assert (
        without_markers(written.decode(encoding).encode("ascii"))
        == b"some words before <v></v> some words after"
    )
    assert len(result.cuts) == 1
    assert result.cuts[0].kind == ("jpeg" if known else "base64")


def test_a_data_uri_is_cut_at_any_length() -> None:
    written, result = cut(b'<img src="data:image/png;base64,AAAA" alt="x"/>')
    assert written == b'<img src="data:image/png;base64,[media cut: png of 4 bytes]" alt="x"/>'
    assert result.cuts == (Cut(32, "png", 4),)


def test_json_stays_json() -> None:
    text = base64.b64encode(picture(3000)).decode()
    document = json.dumps(
        {"a": "line\n" + text, "b": "\n".join((text[:2000], text[2000:])), "c": [text]}
    ).encode()
    written, _ = cut(document)
    assert json.loads(written)["a"].startswith("line\n[media cut: jpeg of ")
    assert text[100:140].encode() not in written


def test_long_hex_without_a_signature_is_cut_and_shorter_is_not() -> None:
    long, short = noise(1100).hex().encode(), noise(900).hex().encode()
    written, result = cut(b"x=" + long + b", y=" + short)
    assert without_markers(written) == b"x=, y=" + short
    assert result.cuts[0].kind == "hex"


def upload(content: bytes, *, name: bytes = b"photo.jpg", end: bytes = b"\r\n") -> bytes:
    lines = [
        b"--boundary42",
        b'Content-Disposition: form-data; name="id"',
        b"",
        b"4564654",
        b"--boundary42",
        b'Content-Disposition: form-data; name="file"; filename="' + name + b'"',
        b"Content-Type: application/octet-stream",
        b"",
        content,
        b"--boundary42--",
        b"",
    ]
    return end.join(lines)


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize(
    "content", [picture(4000), b"text, not media", b"--boundary4 is not it\r\n--\r\n", b""]
)
def test_a_file_member_of_an_upload_is_cut_whole(content: bytes, end: bytes) -> None:
    written, result = cut(upload(content, end=end), [7])
    assert without_markers(written) == upload(b"", end=end)
    assert [one.length for one in result.cuts] == ([len(content)] if content else [])
    assert result.sha256_of_container == hashlib.sha256(upload(content, end=end)).hexdigest()


def test_raw_media_after_text_is_cut_to_the_end() -> None:
    words = b"notes about the case\n" * 5000
    written, result = cut(words + picture(9000) + b"more", [1000])
    assert without_markers(written) == words
    assert result.cuts == (Cut(len(words), "jpeg", 9004),)


@pytest.mark.parametrize("content", [b"PK\x03\x04" + noise(500), b"SQLite format 3\x00" + noise(9000)])
def test_what_cannot_be_looked_into_is_not_written(content: bytes) -> None:
    written, result = cut(content)
    assert MARKER.fullmatch(written)
    assert result.length == len(content)


def test_a_file_of_nothing_but_base64_has_no_digest() -> None:
    _, result = cut(base64.encodebytes(picture(5000)))
    assert result.whole_file_is_media
    assert result.sha256_of_container is None


def test_two_pictures_one_after_the_other_are_two_cuts() -> None:
    first, second = base64.b64encode(picture(5000)), base64.b64encode(picture(4000, "png"))
    written, result = cut(b"<a>" + first + b"</a><b>" + second + b"</b>")
    assert without_markers(written) == b"<a></a><b></b>"
    assert [one.kind for one in result.cuts] == ["jpeg", "png"]
    assert [one.offset for one in result.cuts] == [3, 3 + len(first) + 7]


ORDINARY = (
    "The quick brown fox, on 2026-03-29T01:30:00Z, from 203.0.113.7 port 50123\n",
    'ref,alex_t,"He said ""no""",07700900123,a.long.address@mail.example,9774d56d682e549c\r\n',
    '{"espUserId": "550e8400-e29b-41d4-a716-446655440000", "url": "https://chat.example/a/b/c?d=e%2Fg"}\n',
    "<personOrUserReportedPerson><firstName>Alex</firstName></personOrUserReportedPerson>\r\n",
    "alexandra_testperson_1990\nanother_long_user_name\nyet-another-account-name\n",
    "550e8400-e29b-41d4-a716-446655440000\n",
    "----------------------------------------------------------------\n",
    "\\n\\r\\/ &#10; &#xD; %0A =\r\n ;base64 , data: image/png\n",
    "日本語のテキスト、普通の文章。Größe über 5 € – “quoted”\n",
    "Donaudampfschifffahrtsgesellschaftskapitän und Rechtsschutzversicherungsgesellschaften\n",
    "a" * 900 + " and so on\n",
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(ORDINARY) | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200),
        max_size=40,
    ).map("".join),
    st.lists(st.integers(1, 3000), min_size=1, max_size=5),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-16"]),
)
def test_ordinary_text_survives_whatever_the_boundaries(text: str, sizes: list[int], encoding: str) -> None:
    content = ("ordinary text, " + text).encode(encoding, "replace")
    written, result = cut(content, sizes)
    assert written == content
    assert result == CutResult(
        hashlib.sha256(content).hexdigest(), len(content), (), whole_file_is_media=False
    )


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(ORDINARY), max_size=30).map("".join),
    st.lists(st.sampled_from(ORDINARY), max_size=30).map("".join),
    st.sampled_from(sorted(SPELLINGS)),
    st.integers(1100, 9000),
    st.integers(0, 1000),
    st.sampled_from([None, *sorted(MAGICS)]),
    st.lists(st.integers(1, 5000), min_size=1, max_size=5),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
)
def test_an_injected_run_is_cut_whatever_the_boundaries(
    before: str,
    after: str,
    spelling: str,
    length: int,
    seed: int,
    kind: str | None,
    sizes: list[int],
    encoding: str,
) -> None:
    content = noise(length, seed) if kind is None else picture(length, kind, seed)
    run = SPELLINGS[spelling](base64.b64encode(content))
    around = (f"start, {before}<v>", f"</v>{after}")
    document = around[0] + run.decode("ascii") + around[1]
    written, result = cut(document.encode(encoding), sizes)
    assert MARKER.sub(b"", written.decode(encoding).encode()).decode() == around[0] + around[1]
    assert len(result.cuts) == 1
    cut_text = document.encode(encoding)[result.cuts[0].offset :][: result.cuts[0].length]
    assert cut_text.decode(encoding) == run.decode("ascii")
