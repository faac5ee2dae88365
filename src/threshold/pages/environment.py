"""The template environment: GOV.UK's macros, ours, and how outside text and times are shown."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup, escape

from threshold.cases.order import BAND_WORDS, band_words
from threshold.pages import moments, questions, words

STATIC = Path(__file__).parent / "static"
NOT_GIVEN = Markup('<span class="t-not-given">Not given</span>')


def environment(**options: Any) -> Environment:
    """Django's options, with our templates and those of govuk-frontend-jinja; autoescape stays on."""
    options |= {
        "autoescape": True,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "loader": ChoiceLoader(
            [
                PackageLoader("threshold.pages"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
    }
    made = Environment(**options)
    made.filters |= {
        "outside": outside,
        "short": short,
        "uk_time": moments.uk_time,
        "uk_day": moments.uk_day,
        "day": moments.day_words,
        "utc": moments.utc,
        "near_clock_change": moments.near_clock_change,
        "band": lambda rank: BAND_WORDS[rank],
        "kind": words.kind,
        "route": words.route,
        "rung": words.rung,
        "role": words.role,
        "state": words.state,
        "read_as": words.read_as,
        "without_values": words.without_values,
        "plural": words.plural,
        "starts": words.starts,
    }
    made.globals |= {"static": static, "band_words": band_words, "words": words, "questions": questions}
    return made


def outside(text: object) -> Markup:
    """Text that came from outside: its direction kept to itself, and what was not given said so."""
    shown = "" if text is None else str(text)
    return (
        Markup('<bdi class="t-outside">{}</bdi>').format(words.visible(shown)) if shown.strip() else NOT_GIVEN
    )


def short(text: object, most: int = 80) -> Markup:
    """The beginning of an outside text, for a list; the whole stands on its own page."""
    shown = "" if text is None else str(text)
    return outside(shown if len(shown) <= most else shown[:most] + "…")


@lru_cache(maxsize=16)
def static(name: str) -> str:
    """The address of one of our files; a changed file has a changed address."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return str(escape(f"/static/{name}?v={digest}"))
