"""Published risk tools as data: one YAML file a tool, read into frozen values. No tool lives in code.

A force may lay a file of the same name into the folder ``tools`` of its home: it then stands in the place of the
one that ships (to fill in a table of rates from a paper, or to correct a version).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from threshold.policy.marks import Place, read_yaml
from threshold.policy.model import RANKS, BandName, Mark

SHIPPED = Path(__file__).parent

ItemKind = Literal["count", "age", "yes_no"]
ToolKind = Literal["points", "first_match", "brought"]

_NAME = r"[a-z][a-z0-9_]{0,49}"
_WHOLE = r"0|[1-9][0-9]{0,5}"
_NUMBER = r"-?[0-9]+(\.[0-9]+)?"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a tool asks. ``points`` from a least value on, rising; of a yes/no item from 1 (yes) on.

    ``least``: a smaller number cannot be right. ``not_known``: points while the answer is not known; None where
    that leaves the item missing.
    """

    name: str
    question: str
    kind: ItemKind
    least: int
    points: tuple[tuple[int, int], ...] = ()
    not_known: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Of a tool where the first rule that fits decides: at least so many of an item."""

    item: str
    at_least: int
    rate: float
    band: BandName


@dataclass(frozen=True, slots=True)
class Figures:
    """How well the tool was found to tell people apart. None: the sources that we read do not say."""

    auc: float | None
    n: int | None
    base_rate: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Tool:
    """One version of one published tool.

    ``sex``, ``convicted`` and adulthood are its population. ``missing`` items at most may be not known.
    ``bands``: least score of each. ``logistic``: intercept and slope of the probability. ``rates``: per cent by
    score; None where the tool has no such table, empty where it has one that nobody has filled in.
    ``instead``: an item that, while not known, is a yes from a least score of another tool on.
    ``reduction``: the item that, answered yes, moves the band down by one, never from low.
    """

    name: str
    title: str
    version: str
    kind: ToolKind
    population: str
    sex: str
    convicted: bool
    source: str
    licence: str
    mark: Mark
    checked: str
    missing: int
    missing_words: str
    items: tuple[Item, ...]
    figures: Figures
    limits: tuple[str, ...]
    bands: tuple[tuple[BandName, int], ...]
    rules: tuple[Rule, ...]
    logistic: tuple[float, float] | None
    rates: Mapping[int, float] | None
    rates_of: str
    instead: tuple[str, str, int] | None
    reduction: str
    digest: str

    def item(self, name: str) -> Item:
        return next(item for item in self.items if item.name == name)


def read_tools(*folders: Path) -> dict[str, Tool]:
    """Every tool of these folders by name; a later folder's stands in the place of an earlier one's.

    :raises PolicyError: a file cannot be read as a tool (it says where and how to mend it)
    """
    found: dict[str, Tool] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            tool = read_tool(path.read_bytes(), str(path))
            found[tool.name] = tool
    return found


def read_tool(content: bytes, path: str) -> Tool:
    fields = read_yaml(path, content).fields(
        ("name", "title", "version", "kind", "population", "source", "licence", "mark", "figures", "limits"),
        ("checked", "missing", "items", "bands", "rules", "otherwise", "logistic", "rates", "rates_of",
         "instead", "reduction"),
    )  # fmt: skip
    population = fields["population"].fields(("words", "sex", "convicted"))
    missing = fields["missing"].fields(("most", "words")) if "missing" in fields else {}
    items = tuple(_item(name, place) for name, place in _entries(fields, "items"))
    tool = Tool(
        name=fields["name"].text(_NAME),
        title=fields["title"].text(),
        version=fields["version"].text(),
        kind=cast(ToolKind, fields["kind"].one_of(("points", "first_match", "brought"))),
        population=population["words"].text(),
        sex=population["sex"].one_of(("male", "any")),
        convicted=population["convicted"].one_of(("yes", "no")) == "yes",
        source=fields["source"].text(),
        licence=fields["licence"].text(),
        mark=cast(Mark, fields["mark"].one_of(("S", "C", "R", "I"))),
        checked=fields["checked"].text() if "checked" in fields else "",
        missing=_whole(missing["most"]) if missing else 0,
        missing_words=missing["words"].text() if missing else "",
        items=items,
        figures=_figures(fields["figures"]),
        limits=tuple(place.text() for place in fields["limits"].items()),
        bands=tuple((_band(name, place), _whole(place)) for name, place in _entries(fields, "bands")),
        rules=tuple(_rule(place) for place in fields["rules"].items()) if "rules" in fields else (),
        logistic=_logistic(fields["logistic"]) if "logistic" in fields else None,
        rates=_rates(fields["rates"]) if "rates" in fields else None,
        rates_of=fields["rates_of"].text() if "rates_of" in fields else "",
        instead=_instead(fields["instead"]) if "instead" in fields else None,
        reduction=fields["reduction"].text(_NAME) if "reduction" in fields else "",
        digest=hashlib.sha256(content).hexdigest(),
    )
    _check_names(tool, fields)
    return tool


def _check_names(tool: Tool, fields: Mapping[str, Place]) -> None:
    names = {item.name for item in tool.items}
    for part, used in (
        ("rules", {rule.item for rule in tool.rules}),
        ("instead", {tool.instead[0]} if tool.instead else set()),
        ("reduction", {tool.reduction} - {""}),
    ):
        if used - names:
            fields[part].fail(
                f"{', '.join(sorted(used - names))} is not an item", "Add the item, or mend this"
            )


def _entries(fields: Mapping[str, Place], name: str) -> list[tuple[str, Place]]:
    return list(fields[name].entries()) if name in fields else []


def _item(name: str, place: Place) -> Item:
    fields = place.fields(("question", "kind"), ("least", "points", "not_known"))
    kind = cast(ItemKind, fields["kind"].one_of(("count", "age", "yes_no")))
    points = tuple((int(least), _whole(value)) for least, value in _entries(fields, "points"))
    return Item(
        name,
        fields["question"].text(),
        kind,
        _whole(fields["least"]) if "least" in fields else 0,
        tuple(sorted(points)),
        _whole(fields["not_known"]) if "not_known" in fields else None,
    )


def _rule(place: Place) -> Rule:
    fields = place.fields(("item", "at_least", "rate", "band"))
    return Rule(
        fields["item"].text(_NAME),
        _whole(fields["at_least"]),
        _number(fields["rate"]),
        cast(BandName, fields["band"].one_of(tuple(RANKS))),
    )


def _figures(place: Place) -> Figures:
    fields = place.fields(("words",), ("auc", "n", "base_rate"))
    return Figures(
        _number(fields["auc"]) if "auc" in fields else None,
        _whole(fields["n"]) if "n" in fields else None,
        _number(fields["base_rate"]) if "base_rate" in fields else None,
        fields["words"].text(),
    )


def _logistic(place: Place) -> tuple[float, float]:
    fields = place.fields(("intercept", "slope"))
    return _number(fields["intercept"]), _number(fields["slope"])


def _rates(place: Place) -> dict[int, float]:
    return {int(score): _number(rate) for score, rate in place.entries()}


def _instead(place: Place) -> tuple[str, str, int]:
    fields = place.fields(("item", "tool", "at_least"))
    return fields["item"].text(_NAME), fields["tool"].text(_NAME), _whole(fields["at_least"])


def _band(name: str, place: Place) -> BandName:
    if name not in RANKS:
        place.fail(f"{name[:60]!r} is not a band", "Use: " + ", ".join(RANKS))
    return name


def _whole(place: Place) -> int:
    return int(place.text(_WHOLE, "Write a whole number"))


def _number(place: Place) -> float:
    return float(place.text(_NUMBER, "Write a number"))
