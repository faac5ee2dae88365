"""Media that somebody took apart or wrote in a rarer way is cut; tables, chats and lists of numbers are not."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import quopri
import random
import re
import urllib.parse
import uuid
from collections.abc import Callable
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.intake.test_media import MAGICS, MARKER, cut, picture

LEFT = 96  # bytes of a picture that may stay when it is taken apart


def lines(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)]


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


# What a text field can hold: the same in an element, a JSON string and a cell.
TEXTS: dict[str, Callable[[bytes], str]] = {
    "decimals, comma": lambda content: ",".join(map(str, content)),
    "decimals, comma and blank": lambda content: ", ".join(map(str, content)),
    "decimals, blank": lambda content: " ".join(map(str, content)),
    "decimals, semicolon": lambda content: ";".join(map(str, content)),
    "decimals, dot": lambda content: ".".join(map(str, content)),
    "decimals, three digits": lambda content: " ".join(f"{byte:03}" for byte in content),
    "signed bytes": lambda content: "[" + ", ".join(str((byte ^ 128) - 128) for byte in content) + "]",
    "hex, blank": lambda content: content.hex(" "),
    "hex, colon": lambda content: content.hex(":").upper(),
    "hex, hyphen": lambda content: content.hex("-"),
    "hex, 0x": lambda content: ", ".join(f"0x{byte:02X}" for byte in content),
    "hex, backslash": lambda content: "".join(f"\\x{byte:02x}" for byte in content),
    "percent": lambda content: urllib.parse.quote_from_bytes(content),
    "every byte percent": lambda content: "".join(f"%{byte:02X}" for byte in content),
    "quoted-printable": lambda content: quopri.encodestring(content, quotetabs=True).decode("ascii"),
    "base64, 20 and blank": lambda content: " ".join(lines(base64_of(content), 20)),
    "base64, 20 and line": lambda content: "\n".join(lines(base64_of(content), 20)),
    "base64, 8 and blank": lambda content: " ".join(lines(base64_of(content), 8)),
    "base64, comma": lambda content: ",".join(lines(base64_of(content), 76)),
    "base32": lambda content: base64.b32encode(content).decode(),
    "base32, lines": lambda content: "\n".join(lines(base64.b32encode(content).decode(), 64)),
    "base85": lambda content: base64.b85encode(content).decode(),
    "ascii85": lambda content: base64.a85encode(content).decode(),
    "ascii85, lines": lambda content: base64.a85encode(content, wrapcol=72, adobe=True).decode(),
    "uuencode": lambda content: "".join(
        binascii.b2a_uu(content[at : at + 45], backtick=True).decode() for at in range(0, len(content), 45)
    ),
    "data URI, percent": lambda content: "data:image/jpeg," + urllib.parse.quote_from_bytes(content),
}
# What only a document's own escapes make, or several of its places.
DOCUMENTS: dict[str, Callable[[bytes], str]] = {
    "XML, decimal references": lambda content: element(
        "".join(f"&#{ord(letter)};" for letter in base64_of(content))
    ),
    "XML, hex references": lambda content: element(
        "".join(f"&#x{ord(letter):x};" for letter in base64_of(content))
    ),
    "XML, bytes as references": lambda content: element("".join(f"&#{byte or 32};" for byte in content)),
    "XML, base64 lines": lambda content: element(
        "".join(f"<l>{line}</l>" for line in lines(base64_of(content), 76))
    ),
    "XML, numbered short lines": lambda content: element(
        "\n".join(f'<line n="{n}">{line}</line>' for n, line in enumerate(lines(base64_of(content), 20)))
    ),
    "XML, attributes": lambda content: element(
        "".join(f'<l v="{line}"/>' for line in lines(base64_of(content), 40))
    ),
    "XML, a byte an element": lambda content: element("".join(f"<b>{byte}</b>" for byte in content)),
    "XML, hex lines": lambda content: element("".join(f"<l>{line}</l>" for line in lines(content.hex(), 64))),
    "JSON, escapes": lambda content: member(
        '"' + "".join(f"\\u{ord(letter):04x}" for letter in base64_of(content)) + '"'
    ),
    "JSON, binary text": lambda content: member(json.dumps(content.decode("latin-1"), ensure_ascii=False)),
    "JSON, escaped binary text": lambda content: member(json.dumps(content.decode("latin-1"))),
    "JSON, Buffer": lambda content: member(json.dumps({"type": "Buffer", "data": list(content)})),
    "JSON, typed array": lambda content: member(json.dumps({str(n): b for n, b in enumerate(content)})),
    "JSON, texts of numbers": lambda content: member(json.dumps([str(byte) for byte in content], indent=1)),
    "JSON, base64 lines": lambda content: member(json.dumps(lines(base64_of(content), 76))),
    "JSON, lines in objects": lambda content: member(
        json.dumps([{"n": n, "d": line} for n, line in enumerate(lines(base64_of(content), 60))])
    ),
    "CSV, a number a cell": lambda content: "a,b\nfirst,x1\n" + ",".join(map(str, content)) + "\nlast,x2\n",
    "CSV, a line a row": lambda content: (
        "a,b\nfirst,x1\n"
        + "".join(f"{n},{line}\n" for n, line in enumerate(lines(base64_of(content), 76)))
        + "last,x2\n"
    ),
}


def element(inside: str) -> str:
    return f"<r><a>first, x1</a><p>{inside}</p><b>last, x2</b></r>"


def member(value: str) -> str:
    return f'{{"a": "first, x1", "p": {value}, "b": "last, x2"}}'


def in_xml(text: str) -> str:
    return element(escape(text))


def in_json(text: str) -> str:
    return member(json.dumps(text))


def in_csv(text: str) -> str:
    rows = io.StringIO()
    csv.writer(rows).writerows([["a", "b"], ["first", text], ["last", "x2"]])
    return rows.getvalue()


def check_well_formed(document: str) -> None:
    if document.startswith("<"):
        root = ElementTree.fromstring(document)
        assert (root.findtext("a"), root.findtext("b")) == ("first, x1", "last, x2")
    elif document.startswith("{"):
        known = json.loads(document)
        assert (known["a"], known["b"]) == ("first, x1", "last, x2")
    else:
        rows = list(csv.reader(io.StringIO(document)))
        assert rows[0] == ["a", "b"]
        assert rows[-1] == ["last", "x2"]


def check_cut(document: str, content: bytes, sizes: list[int] | None, encoding: str = "utf-8") -> None:
    written, result = cut(document.encode(encoding), sizes)
    written = written.decode(encoding).encode()
    assert result.cuts
    check_well_formed(written.decode())
    share = len(content) / len(document)
    rest = MARKER.sub(b"", written)
    rest = re.sub(
        rb"</?[A-Za-z][^<>]*>|/?><l v=|\"[\w]{1,5}\":|null|(?<=[\n ])[0-9]+,|[\s\"',:{}\[\]]", b"", rest
    )
    assert len(rest) * share <= LEFT, rest[:300]


small = st.sampled_from(sorted(MAGICS))


@pytest.mark.parametrize("inside", [in_xml, in_json, in_csv], ids=["xml", "json", "csv"])
@pytest.mark.parametrize("spelling", TEXTS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    small,
    st.integers(1200, 9000),
    st.integers(0, 10**6),
    st.none() | st.lists(st.integers(1, 5000), min_size=1, max_size=4),
)
def test_a_picture_in_another_writing_leaves_nothing(
    inside: Callable[[str], str],
    spelling: str,
    kind: str,
    length: int,
    seed: int,
    sizes: list[int] | None,
) -> None:
    content = picture(length, kind, seed)
    check_cut(inside(TEXTS[spelling](content)), content, sizes)


@pytest.mark.parametrize("spelling", DOCUMENTS)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    small,
    st.integers(1200, 9000),
    st.integers(0, 10**6),
    st.none() | st.lists(st.integers(1, 5000), min_size=1, max_size=4),
)
def test_a_picture_in_many_places_leaves_nothing(
    spelling: str, kind: str, length: int, seed: int, sizes: list[int] | None
) -> None:
    content = picture(length, kind, seed)
    check_cut(DOCUMENTS[spelling](content), content, sizes)


def test_a_list_of_numbers_stays_a_value() -> None:
    written, result = cut(member(json.dumps({"type": "Buffer", "data": list(picture(500))})).encode())
    assert set(json.loads(written)["p"]["data"]) == {None}
    assert [one.kind for one in result.cuts] == ["jpeg"]


def test_each_element_is_emptied_and_one_says_so() -> None:
    pieces = lines(base64_of(picture(2000)), 60)
    written, result = cut(element("".join(f"<l>{piece}</l>" for piece in pieces)).encode())
    assert written.count(b"<l></l>") >= len(pieces) - 2
    assert ElementTree.fromstring(written.decode()).find("p") is not None
    assert sum(one.length for one in result.cuts) == sum(map(len, pieces))


def test_an_svg_in_a_data_uri_is_cut() -> None:
    drawing = "<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0L9 9'/></svg>"
    for spelled in (drawing, urllib.parse.quote(drawing), escape(drawing)):
        written, result = cut(f'before "data:image/svg+xml;utf8,{spelled}" after'.encode())
        assert MARKER.sub(b"", written) == b'before "data:image/svg+xml;utf8," after'
        assert [one.kind for one in result.cuts] == ["svg+xml"]


def test_a_list_of_bytes_and_nothing_else_is_media_itself() -> None:
    _, result = cut(json.dumps(list(picture(3000))).encode())
    assert result.whole_file_is_media
    assert result.sha256_of_container is None


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("spelling", DOCUMENTS)
def test_two_bytes_a_character_hide_nothing(spelling: str, encoding: str) -> None:
    if spelling == "JSON, binary text":
        pytest.skip("its own bytes are characters of Latin-1 here, which is not looked for")
    content = picture(3000)
    check_cut(DOCUMENTS[spelling](content), content, [1000], encoding)


def numbers_of(seed: int, spread: Callable[[random.Random], object], rows: int, columns: int) -> str:
    rng = random.Random(seed)
    return "\n".join(",".join(str(spread(rng)) for _ in range(columns)) for _ in range(rows)) + "\n"


CHAT = {
    "English": "hi, are you 13 or 14? I am 19 :) call me on 07700 900123 at 19:30!! my snap is xX_Alex_Xx90\n",
    "Russian": "Привет, сколько тебе лет? Мне 19, пиши в телеграм @alex_test1990\n",
    "Arabic": "مرحبا، كم عمرك؟ عمري ١٩ سنة\n",
    "Chinese": "你好,你今年几岁?我十九岁,加我微信 wx_test_1990\n",
    "German": "Größe über 5 € – „gern“, sagte er; Straße 12a, 80331 München\n",
    "Polish": "Cześć, ile masz lat? Zażółć gęślą jaźń 123\n",
}
ORDINARY: dict[str, Callable[[int], str]] = {
    "ages": lambda seed: numbers_of(seed, lambda rng: rng.randint(9, 80), 60, 3),
    "counts": lambda seed: numbers_of(seed, lambda rng: int(rng.expovariate(0.05)), 50, 8),
    "hours": lambda seed: numbers_of(
        seed, lambda rng: f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}", 40, 4
    ),
    "coordinates": lambda seed: numbers_of(seed, lambda rng: round(rng.uniform(-90, 90), 5), 60, 2),
    "addresses": lambda seed: numbers_of(
        seed, lambda rng: ".".join(str(rng.randint(0, 255)) for _ in range(4)), 60, 2
    ),
    "addresses v6": lambda seed: numbers_of(
        seed, lambda rng: ":".join(f"{rng.getrandbits(16):x}" for _ in range(8)), 60, 1
    ),
    "network cards": lambda seed: numbers_of(seed, lambda rng: rng.randbytes(6).hex(":"), 60, 1),
    "UUIDs": lambda seed: numbers_of(seed, lambda rng: uuid.UUID(int=rng.getrandbits(128)), 80, 1),
    "UUIDs in JSON": lambda seed: json.dumps(
        [str(uuid.UUID(int=random.Random(seed + n).getrandbits(128))) for n in range(80)]
    ),
    "account numbers": lambda seed: json.dumps(
        [str(random.Random(seed + n).randint(10**17, 10**18)) for n in range(80)]
    ),
    "video names": lambda seed: json.dumps(
        [
            "".join(
                random.Random(seed + n).choices(
                    "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=11
                )
            )
            for n in range(60)
        ]
    ),
    "telephones": lambda seed: numbers_of(seed, lambda rng: f"07700 900{rng.randint(0, 999):03}", 80, 1),
    "dates": lambda seed: numbers_of(
        seed, lambda rng: f"20{rng.randint(10, 26)}-03-{rng.randint(1, 28):02}", 80, 2
    ),
    "long URL": lambda seed: (
        "https://chat.example/p?"
        + "&".join(f"k{n}=%D0%9F%D1%80{random.Random(seed + n).getrandbits(40):x}%20a%2Cb" for n in range(40))
    ),
    "user agents": lambda seed: (
        "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\n" * 9
    ),
    "tokens": lambda seed: json.dumps(
        {f"t{n}": random.Random(seed + n).randbytes(20).hex() for n in range(30)}
    ),
} | {f"chat, {language}": lambda seed, line=line: line * 20 for language, line in CHAT.items()}  # type: ignore[misc]
WRITTEN: dict[str, Callable[[str], bytes]] = {
    "as it is": lambda text: ("text, " + text).encode(),
    "JSON": lambda text: json.dumps({"note": text}, ensure_ascii=False).encode(),
    "JSON, escaped": lambda text: json.dumps({"note": text, "again": [text]}).encode(),
    "JSON in JSON": lambda text: json.dumps({"note": json.dumps({"inner": text})}).encode(),
    "XML": lambda text: f"<r><n>{escape(text)}</n></r>".encode(),
    "XML, references": lambda text: f"<r>{escape(text)}</r>".encode("ascii", "xmlcharrefreplace"),
    "XML, all references": lambda text: ("<r>" + "".join(f"&#{ord(one)};" for one in text) + "</r>").encode(),
    "CSV": lambda text: in_csv(text).encode(),
    "percent": lambda text: b"q=" + urllib.parse.quote(text).encode(),
    "UTF-16": lambda text: ("text, " + text).encode("utf-16-le"),
}


@pytest.mark.parametrize("writing", WRITTEN)
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(ORDINARY)), min_size=1, max_size=4),
    st.integers(0, 10**6),
    st.none() | st.lists(st.integers(1, 3000), min_size=1, max_size=3),
)
def test_ordinary_text_passes_byte_for_byte(
    writing: str, parts: list[str], seed: int, sizes: list[int] | None
) -> None:
    content = WRITTEN[writing]("".join(ORDINARY[part](seed) for part in parts))
    written, result = cut(content, sizes)
    assert result.cuts == ()
    assert written == content


@pytest.mark.parametrize("begun", ["", "-", "0.", "12.", "-0."])
@pytest.mark.parametrize("ends", ["", ".5", "e+5"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_cut_in_a_number_of_json_leaves_json(begun: str, ends: str, encoding: str) -> None:
    digits = "".join(random.Random(7).choice("123456789") for _ in range(3000))
    if begun.endswith("."):
        ends = ends.removeprefix(".5")
    number = f"{begun}{digits}{ends}"
    document = f'[{{"n": {number}, "after": "kept"}}, "{"a word " * 20}{number}"]'
    written, result = cut(document.encode(encoding))
    first, text = json.loads(written.decode(encoding))
    assert (first["n"], first["after"]) == (None, "kept") and "media cut" in text
    assert result.cuts[0].length == len(number.encode(encoding))
    assert [one.offset for one in result.cuts] == [
        len(document[:at].encode(encoding))
        for at in (document.index(number), document.rindex(digits) - (begun == "-"))
    ]
