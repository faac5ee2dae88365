"""Walks an XML document of any size and hands over its entries one by one, or the reason it cannot.

No DTD, no entities, no network, no huge texts, capped depth and size; memory holds one entry at a time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypedDict

from lxml import etree

CHUNK = 256 * 1024
LONGEST_PROLOG = 64 * 1024
# One entry, in bytes of the document. Media is cut before a reader sees anything, so an honest report
# with a long chat log is far below this.
ENVELOPE = "Envelope"
LARGEST_ENTRY = 16 * 1024 * 1024
MOST_ELEMENTS = 200_000
ENCODINGS = {
    "utf-8",
    "utf8",
    "us-ascii",
    "ascii",
    "iso-8859-1",
    "iso-8859-15",
    "latin1",
    "windows-1252",
    "utf-16",
}

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARATION = re.compile(r"""\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"'>]*)["']""")
_BEFORE_ROOT = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)


class UnreadableXmlError(Exception):
    """Why a document cannot be read, in words for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One element of the document that stands on its own, and where it stands."""

    element: etree._Element
    name: str
    place: str
    is_root: bool


def local_name(element: etree._Element) -> str:
    tag = str(element.tag)
    return tag.rpartition("}")[2] if tag.startswith("{") else tag


def check_prolog(head: bytes) -> str:
    """The name of the root element; refuses a DOCTYPE or an encoding that a sender should not be using."""
    marked = next(((bom, name) for bom, name in _BOMS if head.startswith(bom)), None)
    if marked is not None:
        encoding, body = marked[1], head[len(marked[0]) :]
    elif head[:2] == b"<\x00":
        encoding, body = "utf-16-le", head
    elif head[:2] == b"\x00<":
        encoding, body = "utf-16-be", head
    else:
        encoding, body = "latin-1", head
    text = body[: len(body) // 2 * 2].decode(encoding, "replace")
    declared = _DECLARATION.match(text)
    if declared and declared[1].lower() not in ENCODINGS:
        raise UnreadableXmlError(
            f"the encoding it declares ({declared[1][:40]}) is not one that Threshold reads"
        )
    start = _BEFORE_ROOT.match(text)
    rest = text[start.end() if start else 0 :]
    if rest.startswith("<!"):
        raise UnreadableXmlError(
            "it has a DOCTYPE: documents that define entities or fetch others are never read"
        )
    root = re.match(r"<([^\s/>]+)", rest)
    if root is None:
        raise UnreadableXmlError("no element was found at its start")
    return root[1].rpartition(":")[2]


def parts(path: str, names: Collection[str]) -> Iterator[Part]:
    """The root, when it is one of *names*; otherwise each child of the root, whatever its name.

    What stands around them in the body of a SOAP envelope is opened: there it is the outermost of *names* at any
    depth. The envelope's header says only how it travelled.

    Raises ``UnreadableXmlError`` where the document stops making sense, after handing over what came before.
    """
    with Path(path).open("rb") as file:
        head = file.read(LONGEST_PROLOG)
        root = check_prolog(head)
        if root in names:
            document = head + file.read(LARGEST_ENTRY + 1)
            yield Part(_whole(document), root, f"/{root}", is_root=True)
        else:
            yield from _children(head, file, root, names if root == ENVELOPE else ())


class Options(TypedDict):
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    dtd_validation: bool
    huge_tree: bool
    remove_comments: bool
    remove_pis: bool


def _options() -> Options:
    return {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "dtd_validation": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
    }


_PARSER = etree.XMLParser(**_options())


def _whole(document: bytes) -> etree._Element:
    if len(document) > LARGEST_ENTRY:
        raise UnreadableXmlError(f"one report is larger than {LARGEST_ENTRY // 1024 // 1024} MB of text")
    try:
        element = etree.fromstring(document, _PARSER)
    except etree.XMLSyntaxError as error:
        raise UnreadableXmlError(_plain(error)) from None
    except (ValueError, LookupError):
        raise UnreadableXmlError(NOT_WELL_FORMED) from None
    _check(element, len(document))
    return element


def _children(head: bytes, file: BinaryIO, root_name: str, wrapped: Collection[str]) -> Iterator[Part]:
    """Each child of the root, or (``wrapped``) the outermost elements of these names, wherever they stand."""
    parser = etree.XMLPullParser(events=("start", "end"), **_options())
    seen: dict[str, int] = {}
    path: list[str] = []  # the elements that are open
    level = 0 if wrapped else 2  # at how many open elements one is handed over; 0: not yet known
    since_last = 0
    chunk = head
    while True:
        since_last += len(chunk)
        problem: str | None = None
        try:
            if chunk:
                parser.feed(chunk)
            else:
                parser.close()
        except etree.XMLSyntaxError as error:
            problem = _plain(error)
        except (ValueError, LookupError):
            problem = NOT_WELL_FORMED
        for event, element in parser.read_events():
            if event == "start" and isinstance(element, etree._Element):
                path.append(local_name(element))
                if wrapped and not level and path[-1] in wrapped:
                    level = len(path)
                continue
            closed = len(path)
            place = "/" + "/".join(path)
            name = path.pop()
            if closed != level or not isinstance(element, etree._Element):
                continue
            level = 0 if wrapped else level
            seen[place] = seen.get(place, 0) + 1
            _check(element, since_last)
            yield Part(element, name, f"{place}[{seen[place]}]", is_root=False)
            since_last = 0
            _forget(element)
        if problem:
            raise UnreadableXmlError(problem)
        if not chunk:
            return
        if since_last > LARGEST_ENTRY:
            raise UnreadableXmlError(
                f"one element of it is larger than {LARGEST_ENTRY // 1024 // 1024} MB of text"
            )
        chunk = file.read(CHUNK)


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and parent[0] is not element:
        del parent[0]


def _check(element: etree._Element, size: int) -> None:
    # The shortest element is four bytes, so a small document cannot hold too many.
    if size > MOST_ELEMENTS * 4 and sum(1 for _ in element.iter()) > MOST_ELEMENTS:
        raise UnreadableXmlError(f"one report has more than {MOST_ELEMENTS:,} elements")


NOT_WELL_FORMED = "it is not well-formed XML"
# What the parser says, and what that means for whoever sent the file.
_MEANS = (
    (
        r"Premature end|EndTag|expected '>'|Document is empty|Start tag expected|Couldn't find end of",
        "it ends too early: it may be cut off",
    ),
    (r"Opening and ending tag mismatch", "an element is closed that was not the last to be opened"),
    (r"Extra content at the end", "something stands after its end, such as a second document"),
    (r"Entity '.*' not defined", "it uses an entity that is not defined, and none is read"),
    (r"EntityRef|CharRef", "an & in it begins nothing: in a text it is written &amp;"),
    (
        r"invalid Char|Char 0x|invalid xmlChar|internal error: Huge",
        "there is a character in it that XML does not allow",
    ),
    (
        r"not proper UTF-8|encod|Encod|conversion failed",
        "its characters are not in the encoding that it declares",
    ),
    (r"depth|Depth", "its elements are nested too deep to be an honest report"),
    (r"too long|too large|Huge|huge|length", "one text of it is too long to be an honest report"),
    (r"Namespace prefix", "a prefix in it is not declared"),
    (r"Attribute|attribut|AttValue", "an attribute in it is not written as XML asks"),
)


def _plain(error: etree.XMLSyntaxError) -> str:
    said = error.msg or ""
    meant = next((words for pattern, words in _MEANS if re.search(pattern, said)), NOT_WELL_FORMED)
    return f"{meant} (line {error.lineno})" if error.lineno else meant
