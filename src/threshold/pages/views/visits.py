"""Warning visits and their letters: what must be so, the sheet for the door, what happened, and the counts."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse

from threshold.acts.access import Actor, Power
from threshold.acts.verbs import OpenLook
from threshold.cases import case_queries, contact, visits
from threshold.cases.casebook import NoCase, check_case_visible
from threshold.cases.letters import LANGUAGES, WrongLetter, is_draft, signed_by, text_of
from threshold.cases.visits import LETTER, RESULTS, Result, WrongVisit
from threshold.journey import casework
from threshold.journey.casework import FoundAtDoor
from threshold.pages import questions
from threshold.pages.frame import Problem, Request, chosen, done, page, whole_number
from threshold.pages.moments import WrongMoment, read_day, read_moment
from threshold.pages.views.cases import around_case
from threshold.times import uk_day

_MOST_FOUND = 5


def preparing(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """Every condition with what it rests on; the letter, as it would be printed; and who signed."""
    around = around_case(look, number, "case-visit")
    whole = around["whole"]
    homes = around["homes"]
    last = whole.decisions[0] if whole.decisions else None
    level = last.level if last and last.level else "person"
    made = next((letter for letter in whole.letters if letter.level == level), None)
    home = whole_number(
        request.POST.get("premises") or request.GET.get("premises"), homes[0][0] if homes else 0
    )
    texts = {language: text_of(level, language) for language in LANGUAGES}
    return page(
        request,
        "case/visit.html",
        **around,
        where=home,
        level=level,
        made=made,
        conditions=visits.conditions(
            number, last.id if last else None, made.id if made else None, home or None
        ),
        texts=[
            (language, LANGUAGES[language], is_draft(text), signed_by(text), text)
            for language, text in texts.items()
        ],
        evidence=case_queries.evidence(look, whole),
        results=RESULTS,
        letter_words=LETTER,
    )


def preview(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """The letter as it would be printed today, or what is missing before it can be."""
    level = chosen(request, "level", ["person", "address"]) or "person"
    language = chosen(request, "language", LANGUAGES) or "en"
    composed = casework.preview_letter(look, number, level, language)
    if is_draft(composed.text):
        return page(
            request, "case/draft.html", number=number, text=composed.text, language=LANGUAGES[language]
        )
    return _pdf(composed.pdf, f"letter-{composed.text.level}-{language}.pdf")


def letter(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """A letter that was made, byte for byte."""
    try:
        kept = casework.kept_letter(look, number)
    except WrongLetter:
        raise NoCase(f"with letter {number}") from None
    return _pdf(bytes(kept.pdf), f"letter-{number}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def make_letter(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.make_letter(
        actor, number, request.POST.get("level", "")[:10], request.POST.get("language", "")[:5]
    )
    return done(request, "The letter is made and kept, byte for byte.", "case-visit", number=number)


def sign_translation(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.sign_translation(
        actor,
        request.POST.get("level", "")[:10],
        request.POST.get("language", "")[:5],
        request.POST.get("translator", "")[:200],
    )
    return done(request, "The translation is signed for.", "case-visit", number=number)


def sign(request: Request, actor: Actor, number: int) -> HttpResponse:
    visit = casework.sign_visit(
        actor,
        number,
        whole_number(request.POST.get("letter"), 0, 2**62),
        whole_number(request.POST.get("premises"), 0, 2**62),
    )
    return done(
        request,
        "The visit is signed for. Print its sheet, and enter the result afterwards.",
        "visit",
        number=visit,
    )


def visit(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """One visit: the sheet for the door (it prints), and the form for what happened."""
    try:
        made = visits.visit(number)
        check_case_visible(look.actor, made.case_file)
    except (WrongVisit, NoCase):
        raise NoCase(f"with visit {number}") from None
    around = around_case(look, made.case_file, "case-visit")
    assessed = around["whole"].assessed
    return page(
        request,
        "case/sheet.html",
        **around,
        visit=made,
        happened=[row for row in around["whole"].results if row.visit == number],
        results=RESULTS,
        letter_words=LETTER,
        asked=contact.QUESTIONS,
        facts=questions.all_facts(assessed.policy) if assessed else [],
        rows=range(1, _MOST_FOUND + 1),
    )


def record(request: Request, actor: Actor, number: int) -> HttpResponse:
    typed = request.POST
    told = Result(
        typed.get("result", "")[:40],
        read_moment(typed.get("at", "")),
        typed.get("letter", "")[:20],
        typed.get("words", "")[:4_000],
        read_moment(typed.get("end-review", "")),
    )
    found = [
        FoundAtDoor(typed.get(f"fact-{n}", "")[:60], typed.get(f"value-{n}", "")[:60])
        for n in range(1, _MOST_FOUND + 1)
        if typed.get(f"fact-{n}")
    ]
    case = casework.record_result(actor, number, told, found)
    return done(request, "Recorded, with all that follows from it.", "case", number=case)


def counted(request: Request, look: OpenLook) -> HttpResponse:
    """Homes visited, letters and results between any two days."""
    today = uk_day(look.moment)
    try:
        first = read_day(request.GET.get("from", "")) or today - timedelta(days=30)
        last = read_day(request.GET.get("to", "")) or today
    except WrongMoment as wrong:
        request.problem = Problem(str(wrong), "days")
        first, last = today - timedelta(days=30), today
    found = visits.visited(look, first, last, whole_force=look.actor.may(Power.COUNT_FORCE))
    return page(request, "case/visited.html", found=found, results=RESULTS, letter_words=LETTER)
