"""Letters: nothing typed, nothing telling, a draft never printed, the same bytes read, kept and handed over."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import outloud
import psycopg
import pytest
from tests.cases.desk import at_the_door
from tests.cases.test_refused import forged, insert
from tests.force import Force

from threshold.acts.access import Power
from threshold.acts.db import one
from threshold.acts.verbs import look
from threshold.cases.letters import LANGUAGES, LEVELS, RULES, Composed, WrongLetter, compose, text_of
from threshold.journey import casework

EVERYTHING = dict.fromkeys(RULES, True)
DAY = date(2026, 11, 25)


def words_of(level: str, language: str) -> Iterator[str]:
    for part in text_of(level, language).parts:
        yield from (part.heading, *part.paragraphs)


def composed(level: str = "person", language: str = "en", force: str = "Fictional Constabulary") -> Composed:
    return compose(text_of(level, language), EVERYTHING, "T2026-00001", DAY, force)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_names_the_helpline_and_calls_nobody_guilty(level: str, language: str) -> None:
    text = " ".join(words_of(level, language))
    assert "Stop it Now!" in text and "0808 1000 900" in text and "www.stopitnow.org.uk" in text
    assert "116 123" in text
    assert not re.search(
        r"offen[cs]|guilt|suspect|crim|paedophil|pornograph|convict|trosedd|euog", text, re.I
    )


def test_a_household_s_letter_speaks_to_nobody_in_particular() -> None:
    text = " ".join(words_of("address", "en"))
    assert "We do not know who used it" in text and "admits nothing, for you or for anybody else" in text
    assert text_of("address", "en").digest != text_of("person", "en").digest


@pytest.mark.parametrize("level", LEVELS)
def test_a_translation_has_the_same_parts_by_the_same_rules(level: str) -> None:
    english, welsh = text_of(level, "en"), text_of(level, "cy")
    assert [(p.id, p.when, len(p.paragraphs)) for p in english.parts] == [
        (p.id, p.when, len(p.paragraphs)) for p in welsh.parts
    ]
    assert {part.when for part in english.parts} <= set(RULES)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_a_tagged_pdf_without_a_fault_that_the_checker_finds(
    level: str, language: str, tmp_path: Path
) -> None:
    made = composed(level, language)
    assert made.checked
    path = tmp_path / "letter.pdf"
    path.write_bytes(made.pdf)
    found = outloud.check(str(path))
    assert found.errors == 0, found


def test_a_force_whose_name_the_fonts_cannot_write_gets_a_letter_that_says_it_was_not_checked() -> None:
    assert not composed(force="警察").checked


def test_the_envelope_page_tells_nothing(tmp_path: Path) -> None:
    printed = text_of("person", "en")
    page = " ".join([*printed.envelope, printed.reference_label])
    assert not re.search(r"police|constab|image|child|online|warning", page, re.I)


def test_what_is_read_is_what_is_kept_byte_for_byte(force: Force) -> None:
    desk = at_the_door(force)
    desk.approve(desk.decide())
    with look(desk.owner, "test", Power.SEE_SUBJECTS) as seen:
        read = casework.preview_letter(seen, desk.case, "person", "en")
    number = casework.make_letter(desk.owner, desk.case, "person", digest=read.pdf_digest)
    with look(desk.owner, "test", Power.SEE_SUBJECTS) as seen:
        kept = casework.kept_letter(seen, number)
    assert bytes(kept.pdf) == read.pdf
    assert kept.pdf_digest == hashlib.sha256(read.pdf).hexdigest()
    with pytest.raises(WrongLetter, match="Read it again"):
        casework.make_letter(desk.owner, desk.case, "person", digest="0" * 64)
    with pytest.raises(WrongLetter), look(force.actor("elsewhere"), "test", Power.SEE_SUBJECTS) as seen:
        casework.kept_letter(seen, number)


def test_a_draft_is_not_printed_until_a_named_translator_stands_for_it(force: Force) -> None:
    desk = at_the_door(force)
    with pytest.raises(WrongLetter, match="draft"):
        casework.make_letter(desk.owner, desk.case, "person", "cy")
    text = text_of("person", "cy")
    made = composed("person", "cy")
    with pytest.raises(psycopg.errors.RaiseException, match="draft"), forged(desk.owner.id) as connection:
        insert(
            connection, "letter", case_file=desk.case, officer=desk.owner.id, level="person", template="person",
            version=text.version, language="cy", text_digest=text.digest, parts=["opening"], dated=DAY, pdf=made.pdf,
            pdf_digest=made.pdf_digest, checked=True,
        )  # fmt: skip
    with pytest.raises(WrongLetter, match="Name the translator"):
        casework.sign_translation(desk.supervisor, "person", "cy", " ")
    casework.sign_translation(desk.supervisor, "person", "cy", "Tegan Translator")
    number = casework.make_letter(desk.owner, desk.case, "person", "cy")
    row = one("select language from letter where id = %s", [number])
    assert row is not None and row.language == "cy"
    with pytest.raises(WrongLetter, match="draft"):
        casework.make_letter(desk.owner, desk.case, "address", "cy")


def test_a_letter_to_a_household_is_no_letter_for_a_person(force: Force) -> None:
    desk = at_the_door(force)
    desk.approve(desk.decide())
    with pytest.raises(casework.WrongCase, match="the letter is made"):
        casework.sign_visit(desk.owner, desk.case, desk.letter("address"), desk.premises)
