"""Letters: texts kept as data with a version, parts chosen by rules, and nothing that anybody types.

A letter to a person and one to a household are different texts and different records. A translation is a draft,
which is never printed, until a named translator stands for that very text. The bytes that are previewed are the
bytes that are kept and handed over. Writes run inside an act that is open.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows
from threshold.cases.casebook import Standing, WrongCase, check_live
from threshold.times import start_of_uk_day

TEXTS = Path(__file__).with_name("letter_texts")
LANGUAGES = {"en": "English", "cy": "Welsh"}
LEVELS = ("person", "address")
# What a part of a text may wait for. Worked out from facts; nobody types it.
RULES = ("always", "account_may_be_shared", "several_occupants")
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "cy": "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr",
}


class WrongLetter(WrongCase):
    """The letter cannot be made so. ``str()`` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its paragraphs, and the rule by which it is in the letter."""

    id: str
    when: str
    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """One version of a letter's text in one language. ``digest`` is of all of it: a translator signs for that."""

    level: str
    version: str
    language: str
    title: str
    envelope: tuple[str, ...]
    reference_label: str
    date_label: str
    page_label: str
    parts: tuple[Part, ...]
    digest: str

    def chosen(self, rules: Mapping[str, bool]) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.when == "always" or rules[part.when])


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter in bytes. ``checked``: typst's own check held it to PDF/UA-1."""

    text: Text
    parts: tuple[str, ...]
    pdf: bytes
    pdf_digest: str
    checked: bool


@lru_cache(maxsize=8)
def text_of(level: str, language: str) -> Text:
    """The text in use now.

    :raises WrongLetter: there is none for this level in this language
    """
    if level not in LEVELS or language not in LANGUAGES:
        raise WrongLetter(
            f"There are letters for {' and '.join(LEVELS)}, in {' and '.join(LANGUAGES.values())}."
        )
    document = yaml.safe_load((TEXTS / f"{level}.yaml").read_text(encoding="utf-8"))
    found = document["texts"][language]
    canonical = json.dumps([document["level"], document["version"], language, found], sort_keys=True)
    return Text(
        level=document["level"],
        version=document["version"],
        language=language,
        title=found["title"],
        envelope=tuple(found["envelope"]),
        reference_label=found["reference"],
        date_label=found["date"],
        page_label=found["page"],
        parts=tuple(
            Part(part["id"], part["when"], part["heading"], tuple(part["paragraphs"]))
            for part in found["parts"]
        ),
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
    )


def day_in(language: str, day: date) -> str:
    return f"{day.day} {_MONTHS[language].split()[day.month - 1]} {day.year}"


def compose(text: Text, rules: Mapping[str, bool], reference: str, dated: date, force: str) -> Composed:
    """The letter as it is printed: the same text, day and reference give the same bytes."""
    import typst

    parts = text.chosen(rules)
    printed = json.dumps(
        {
            "name": f"{text.title} {reference}",
            "force": force,
            "language": text.language,
            "title": text.title,
            "envelope": text.envelope,
            "reference_label": text.reference_label,
            "reference": reference,
            "date_label": text.date_label,
            "date": day_in(text.language, dated),
            "page_label": text.page_label,
            "parts": [{"heading": part.heading, "paragraphs": part.paragraphs} for part in parts],
        },
        ensure_ascii=False,
    )

    def compiled(*, checked: bool) -> bytes:
        return typst.compile(
            (TEXTS / "letter.typ").read_bytes(),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"letter": printed},
            timestamp=int(start_of_uk_day(dated).timestamp()),
            pdf_standards=["ua-1"] if checked else [],
        )

    checked = True
    try:
        pdf = compiled(checked=True)
    except typst.TypstError:
        # A force's name may hold letters that the fonts have not.
        pdf, checked = compiled(checked=False), False
    return Composed(text, tuple(part.id for part in parts), pdf, hashlib.sha256(pdf).hexdigest(), checked)


def signed_by(text: Text) -> str | None:
    """The translator who stands for this very text; None: it is a draft. English is nobody's translation."""
    row = one(
        "select translator from translation_signed where digest_text = %s and retracted_by is null",
        [text.digest],
    )
    return row.translator if row else None


def is_draft(text: Text) -> bool:
    return text.language != "en" and signed_by(text) is None


def sign_translation(opened: OpenAct, level: str, language: str, translator: str) -> None:
    """Record that a named translator stands for a text.

    :raises WrongLetter: English, no name, or it is signed already
    """
    text = text_of(level, language)
    if language == "en":
        raise WrongLetter("The English text is no translation.")
    if not translator.strip():
        raise WrongLetter("Name the translator who stands for the text.")
    if signed_by(text) is not None:
        raise WrongLetter(f"{signed_by(text)} stands for this text already.")
    claim_rows(
        opened,
        "translation_signed",
        ["template", "version", "language", "digest_text", "translator", "officer"],
        [(level, text.version, language, text.digest, translator.strip(), opened.actor.id)],
    )


def rules_for(facts: Mapping[str, Any] | None, occupants: int) -> dict[str, bool]:
    """What the parts of a text wait for, from what is known. Not known counts as may be."""
    known = facts or {}
    return {
        "account_may_be_shared": known.get("compromised_account") is not False,
        "several_occupants": occupants != 1,
    }


_COLUMNS = [
    "case_file", "officer", "level", "template", "version", "language", "text_digest", "parts", "dated", "pdf",
    "pdf_digest", "checked",
]  # fmt: skip


def keep(opened: OpenAct, case: Standing, composed: Composed, dated: date) -> int:
    """Keep a letter byte for byte, to be handed over; its number.

    :raises WrongLetter: the text is a draft
    """
    check_live(case)
    text = composed.text
    if is_draft(text):
        raise WrongLetter(
            f"The {LANGUAGES[text.language]} text is a draft: no translator stands for it yet. It cannot be printed."
        )
    row = (
        case.id,
        opened.actor.id,
        text.level,
        text.level,
        text.version,
        text.language,
        text.digest,
        "{" + ",".join(composed.parts) + "}",
        dated,
        composed.pdf,
        composed.pdf_digest,
        composed.checked,
    )
    return claim_rows(opened, "letter", _COLUMNS, [row])[0]


def letters_of(case: int) -> list[Any]:
    """The letters made on a case, the latest first, without their bytes."""
    return query(
        """select l.id, l.level, l.version, l.language, l.dated, l.pdf_digest, l.checked, o.full_name as by_whom, act.at
           from letter l left join officer o on o.id = l.officer left join act on act.id = l.asserted_by
           where l.case_file = %s order by l.id desc""",
        [case],
    )


def letter(number: int) -> Any:
    """A letter with its bytes.

    :raises WrongLetter: there is none
    """
    row = one("select * from letter where id = %s", [number])
    if row is None:
        raise WrongLetter(f"There is no letter {number}.")
    return row
