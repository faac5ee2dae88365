"""One entry of a delivery as the leaves it came in, and the same entry read again with some of them changed.

A *leaf* is what can be put right by itself: an element's own text or an attribute (XML), a scalar (JSON), a cell
(a table), each with its path. The changed entry goes through the reader that read it before, and no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Protocol

from lxml import etree

from threshold.intake.maps import Map
from threshold.intake.readers import ispws, json_values, police_json, sniff, table, workbook
from threshold.intake.readers.ispws_person import children, text_of
from threshold.intake.readers.json_values import Decoder, Json, Number, Pairs
from threshold.intake.readers.table_rows import Row, rows
from threshold.intake.readers.xml_entries import Part, UnreadableXmlError, local_name, parts
from threshold.intake.reading import Entry, Rejected, Source
from threshold.intake.texts import NO_DIGEST, clean, looks_like_digest, names_a_digest, without_digests

# What is left out of an entry, rather than changed.
LEFT_OUT = None
Changes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf. ``stated``: it came with the entry; False: it could stand there.

    ``fixed`` says why it can be left out and not changed, where that is so.
    """

    path: str
    text: str
    stated: bool = True
    fixed: str = ""

    @property
    def name(self) -> str:
        """What the last part of its path is called, without its number."""
        return _NUMBERED.sub("", self.path.rpartition("/")[2])


_DIGEST_STAYS = "a digest stays in its delivery"
_NUMBERED = re.compile(r"\[\d+\]$| \(\d+\)$")


class NoSuchLeaf(Exception):
    """A change that cannot be made: there is no such leaf, or it can only be left out."""

    def __init__(self, path: str, fixed: str = "") -> None:
        super().__init__(
            f"{path} can be left out, and not changed: {fixed}."
            if fixed
            else f"The entry has no field {path[:200]}. Write it as it is shown beside the entry."
        )


class Material(Protocol):
    """An entry as it came. ``reference`` is the path of the leaf that holds its report's number, if it has one."""

    @property
    def reference(self) -> str | None: ...

    @property
    def leaves(self) -> list[Leaf]: ...

    def at_fault(self, field: str | None) -> set[str]:
        """The paths of the leaves that a reader means by a field."""
        ...

    def read(self, changes: Changes) -> Entry | None:
        """The entry with these leaves changed, or left out (None).

        :raises NoSuchLeaf: a change to what is not there
        """
        ...


def material(source: Source, place: str, maps: Sequence[Map] = ()) -> Material | Rejected | None:
    """The entry at a place, as it came. None: nothing there has leaves; ``Rejected``: its map is not among these.

    Reads up to the place, and holds one entry in memory.
    """
    match sniff(source):
        case "ispws":
            return _in_xml(source, place)
        case "police-json":
            return _in_json(source, place)
        case "table":
            return _in_table(source, place, maps)
        case "workbook":
            return _in_workbook(source, place, maps)
    return None


def _leaf(path: str, text: str, names: Iterable[str], digest: bool = False) -> Leaf:
    """A leaf that came, without the digests in it; ``names`` are those of the elements or keys it stands in."""
    if digest or looks_like_digest(text) or any(map(names_a_digest, names)):
        return Leaf(path, NO_DIGEST, fixed=_DIGEST_STAYS)
    shown = without_digests(text)
    return Leaf(path, shown, fixed=_DIGEST_STAYS if shown != text else "")


def _check(changes: Changes, leaves: Iterable[Leaf]) -> None:
    known = {leaf.path: leaf for leaf in leaves}
    for path, text in changes.items():
        if path not in known:
            raise NoSuchLeaf(path)
        if known[path].fixed and text is not LEFT_OUT:
            raise NoSuchLeaf(path, known[path].fixed)


def _named(leaves: Iterable[Leaf], name: str | None) -> set[str]:
    return {leaf.path for leaf in leaves if leaf.name == name}


# --- XML

# What a report or file details can be given where their sender left it out.
_COULD_STAND = {"report": ("reportId", "batchedReport"), "fileDetails": ("reportId",)}
_MEANT = {"personOrUserReported": "batchedReport", "reference": "reportId"}


def _in_xml(source: Source, place: str) -> Material | None:
    try:
        for part in parts(source.path, ispws.ROOTS):
            if part.place == place:
                # The walk clears an element once it is past it.
                return _Xml(Part(deepcopy(part.element), part.name, part.place, part.is_root), source)
    except UnreadableXmlError:
        pass
    return None


@dataclass
class _Xml:
    part: Part
    source: Source

    @property
    def reference(self) -> str | None:
        return f"{self.part.place}/reportId" if self.part.name in _COULD_STAND else None

    @property
    def leaves(self) -> list[Leaf]:
        found = [
            _leaf(
                path, element.text or "" if attribute is None else element.get(attribute, ""), names, digest
            )
            for path, element, attribute, names, digest in _walk(self.part.element, self.part.place)
        ]
        return [*found, *(Leaf(path, "", stated=False) for path in self._could_stand(found))]

    def _could_stand(self, found: list[Leaf]) -> Iterator[str]:
        there = {leaf.path for leaf in found}
        for name in _COULD_STAND.get(self.part.name, ()):
            if f"{self.part.place}/{name}" not in there:
                yield f"{self.part.place}/{name}"

    def at_fault(self, field: str | None) -> set[str]:
        return _named(self.leaves, _MEANT.get(field or "", field))

    def read(self, changes: Changes) -> Entry | None:
        _check(changes, self.leaves)
        changed, place = deepcopy(self.part.element), self.part.place
        there = list(_walk(changed, place))
        for path, element, attribute, _, _ in there:
            if path in changes:
                _change(element, attribute, changes[path])
        tag = str(changed.tag)
        space = tag[: len(tag) - len(self.part.name)]
        for path in changes.keys() - {path for path, *_ in there}:
            if text := changes[path]:
                added = etree.SubElement(changed, f"{space}{path.rpartition('/')[2]}")
                added.text = text
        return ispws.read_part(Part(changed, self.part.name, place, self.part.is_root), self.source)


def _walk(
    element: etree._Element, place: str, names: tuple[str, ...] = (), digest: bool = False
) -> Iterator[tuple[str, etree._Element, str | None, tuple[str, ...], bool]]:
    """Each leaf: path, element, attribute (None: its own text), the names it stands in, whether it is a digest."""
    digest = digest or _is_digest(element)
    for attribute in map(str, element.attrib):
        local = attribute.rpartition("}")[2]
        if local not in ("noNamespaceSchemaLocation", "schemaLocation"):
            yield f"{place}/@{local}", element, attribute, (*names, local), digest
    if len(element) == 0 or (element.text or "").strip():
        yield place, element, None, names, digest
    for name, child, at in children(element, place):
        yield from _walk(child, at, (*names, name), digest)


def _is_digest(element: etree._Element) -> bool:
    """A block of digests, or a pair of a name and a value that is one."""
    if local_name(element) == "details":
        return (element.get("type") or "").upper() == "HASH"
    if local_name(element) != "nameValuePair":
        return False
    named = [text_of(child) for name, child, _ in children(element, "") if name == "name"]
    return any(map(names_a_digest, [*named, element.get("type") or ""]))


def _change(element: etree._Element, attribute: str | None, text: str | None) -> None:
    parent = element.getparent()
    if attribute is not None:
        if text is LEFT_OUT:
            del element.attrib[attribute]
        else:
            element.set(attribute, text)
    elif text is LEFT_OUT and len(element) == 0 and parent is not None:
        parent.remove(element)
    else:
        element.text = text


# --- JSON


class _Again(str):
    """A key that stood before in its object with another value, under a name of its own; ``key`` is what it was."""

    __slots__ = ("key",)

    key: str

    @classmethod
    def of(cls, key: str, times: int) -> _Again:
        made = cls(f"{key} ({times})")
        made.key = key
        return made


def _every_member(pairs: Pairs) -> dict[str, Json]:
    """An object with all its members, those too whose key stood before."""
    found: dict[str, Json] = {}
    for key, value in pairs:
        name, times = key, 1
        while name in found and found[name] != value:
            times += 1
            name = _Again.of(key, times)
        found[name] = value
    return found


def _in_json(source: Source, place: str) -> Material | None:
    outer = place.partition("/")[0]
    for item in json_values.values(source.path, Decoder(_every_member)):
        if item.place != outer:
            continue
        if isinstance(item, json_values.Fault) or police_json.refused_kind(item.value):
            return None
        if place == outer:
            return _Json(item.value, place, source, wrapped=False)
        wrapped = police_json.wrapped_reports(item.value) if isinstance(item.value, dict) else None
        if wrapped is None:
            return None
        key, reports = wrapped
        at = {f"{outer}/{key}[{number}]": report for number, report in enumerate(reports)}
        return _Json(at[place], place, source, wrapped=True) if place in at else None
    return None


_Steps = tuple[str | int, ...]


@dataclass
class _Json:
    value: Json
    place: str
    source: Source
    wrapped: bool

    @property
    def reference(self) -> str | None:
        return f"{self.place}/reportId" if isinstance(self.value, dict) else None

    def _all(self) -> dict[str, tuple[Leaf, _Steps]]:
        found: dict[str, tuple[Leaf, _Steps]] = {}
        for path, steps, text, digest in _scalars(self.value, self.place, ()):
            if path not in found:
                names = [step for step in steps if isinstance(step, str)]
                leaf = Leaf(path, "", stated=False) if text is None else _leaf(path, text, names, digest)
                found[path] = leaf, steps
        if self.reference and isinstance(self.value, dict) and "reportId" not in self.value:
            found[self.reference] = Leaf(self.reference, "", stated=False), ("reportId",)
        return found

    @property
    def leaves(self) -> list[Leaf]:
        return [leaf for leaf, _ in self._all().values()]

    def at_fault(self, field: str | None) -> set[str]:
        return _named(self.leaves, "reportId" if field == "reference" else field)

    def read(self, changes: Changes) -> Entry | None:
        found = self._all()
        _check(changes, (leaf for leaf, _ in found.values()))
        value = deepcopy(self.value)
        for path, text in changes.items():
            value = _with(value, found[path][1], text)
        decoder = Decoder()
        again = _members_again(value, decoder)
        if decoder.twice or not self.wrapped:
            item = json_values.Value(self.place, again, tuple(decoder.twice))
            read = police_json.read_value(item, self.source)
            return next((entry for entry in read if entry.place == self.place), None)
        return police_json.read_wrapped(again, self.place, self.source)


def _scalars(
    value: Json, place: str, steps: _Steps, digest: bool = False
) -> Iterator[tuple[str, _Steps, str | None, bool]]:
    """Each scalar: path, the steps to it, its text (None for a null), whether it is a digest by its neighbour."""
    if isinstance(value, dict):
        is_pair = names_a_digest(police_json.text_of(value.get("name")))
        for key, inner in value.items():
            hidden = digest or (is_pair and key == "value")
            yield from _scalars(inner, f"{place}/{key[:100]}", (*steps, key), hidden)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _scalars(inner, f"{place}[{number}]", (*steps, number), digest)
    elif isinstance(value, bool):
        yield place, steps, "true" if value else "false", digest
    else:
        yield place, steps, value, digest


def _with(value: Json, steps: _Steps, text: str | None) -> Json:
    """The value with a scalar in it changed, or left out."""
    if not steps:
        return _scalar(text, value)
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict) and isinstance(step, str):
        if not rest and text is LEFT_OUT:
            value.pop(step, None)
        else:
            value[step] = _with(value.get(step), rest, text)
    elif isinstance(value, list) and isinstance(step, int):
        value[step] = _with(value[step], rest, text)
    return value


def _scalar(text: str | None, was: Json) -> Json:
    """What an officer writes is text; it stays a number or a yes or no where one stood and one is written."""
    if isinstance(was, bool) and text in ("true", "false"):
        return text == "true"
    if isinstance(was, Number) and text is not None and re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text):
        return Number(text)
    return text


def _members_again(value: Json, decoder: Decoder) -> Json:
    """The value with its keys as they came, so that one that stands twice still is found out."""
    if isinstance(value, dict):
        return decoder.object(
            [
                (key.key if isinstance(key, _Again) else key, _members_again(inner, decoder))
                for key, inner in value.items()
            ]
        )
    if isinstance(value, list):
        return [_members_again(inner, decoder) for inner in value]
    return value


# --- tables

_ROW = "(the row as a whole)"


def _in_table(source: Source, place: str, maps: Sequence[Map]) -> Material | Rejected | None:
    if place == "(document)":
        return None
    by = table.choose_map(source, maps)
    if isinstance(by, Rejected):
        return by
    try:
        for row in rows(source.path, by.encoding, by.delimiter):
            if f"row {row.number}" == place:
                return _Row(row, by, table.RowReader(by, source, width=len(table.header_of(source, by))))
    except UnicodeError:
        pass
    return None


def _in_workbook(source: Source, place: str, maps: Sequence[Map]) -> Material | Rejected | None:
    found = workbook.row_at(source, place, maps)
    if found is None or isinstance(found, Rejected):
        return found
    row, by = found
    return _Row(row, by, table.RowReader(by, source))


@dataclass
class _Row:
    row: Row
    by: Map
    reader: table.RowReader

    @property
    def reference(self) -> str | None:
        return self.by.reference

    @property
    def leaves(self) -> list[Leaf]:
        cells = self.row.cells
        found = [
            _leaf(path, cells[n], (path,)) if n < len(cells) else Leaf(path, "", stated=False)
            for n, path in enumerate(self._paths())
        ]
        if self.row.problem is None:
            return found
        line = without_digests(clean(self.row.line))
        told = f"{self.row.problem}: {line}" if line else self.row.problem
        return [Leaf(_ROW, told, fixed="leave it out once the cells say what was meant"), *found]

    def _paths(self) -> list[str]:
        """The columns; and the cells to the right of them, where there is anything in those."""
        header, cells = self.by.header, self.row.cells
        beyond = [f"(cell {n + 1}, beyond the header)" for n in range(len(header), len(cells))]
        return [*header, *(beyond if any(cells[len(header) :]) else ())]

    def at_fault(self, field: str | None) -> set[str]:
        leaves = self.leaves
        if field is None:
            # The row as a whole: it has cells too many or too few, or could not be taken apart.
            known = set(self.by.header)
            return {leaf.path for leaf in leaves if leaf.path not in known or not leaf.stated}
        return _named(leaves, self.by.reference if field == "reference" else field)

    def read(self, changes: Changes) -> Entry | None:
        _check(changes, self.leaves)
        row, paths = self.row, self._paths()
        cells, kinds = list(row.cells), list(row.kinds)
        if changes:
            cells += [""] * (self.reader.width - len(cells))
        for number, path in enumerate(paths):
            if path in changes:
                cells[number] = changes[path] or ""
                if kinds:
                    kinds[number] = "text"
        while changes and len(cells) > self.reader.width and not cells[-1]:
            cells.pop()
        problem = None if _ROW in changes else row.problem
        return self.reader(replace(row, cells=cells, kinds=kinds, problem=problem))
