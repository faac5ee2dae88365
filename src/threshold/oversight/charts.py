"""A chart of bars as SVG: every bar with its name and number beside it, so that no colour has to be told apart. Pure.

The table beside it says the same, and is the accessible version (docs/decisions tells why no library draws it).
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from threshold.cells import plain

_WIDTH, _LONGEST, _ROW = 360, 280, 40
_INK, _BAR = "#0b0c0c", "#1a5699"
_MOST_LETTERS = 44


def bar_chart(key: str, title: str, says: str, bars: Sequence[tuple[str, int | None]]) -> str:
    """Bars from nought, in the order given. ``key`` makes ids unique on a page; None is a hidden number."""
    most = max((value for _, value in bars if value), default=1)
    drawn = "".join(_bar(place, name, value, most) for place, (name, value) in enumerate(bars))
    height = max(1, len(bars)) * _ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" class="t-chart" role="img" '
        f'aria-labelledby="{key}-title {key}-desc" font-family="Arial, Helvetica, sans-serif" font-size="13">'
        f'<title id="{key}-title">{_text(title)}</title><desc id="{key}-desc">{_text(says)}</desc>{drawn}</svg>'
    )


def _bar(place: int, name: str, value: int | None, most: int) -> str:
    top = place * _ROW
    long = round(_LONGEST * (value or 0) / most, 1)
    short = name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"
    number = "Hidden" if value is None else f"{value:,}"
    bar = f'<rect x="0" y="{top + 18}" width="{long}" height="14" fill="{_BAR}"/>' if long else ""
    return (
        f'<text x="0" y="{top + 12}" fill="{_INK}">{_text(short)}</text>{bar}'
        f'<text x="{long + 6 if long else 0}" y="{top + 30}" fill="{_INK}" font-weight="bold">{number}</text>'
    )


def _text(outside: str) -> str:
    return escape(plain(outside))
