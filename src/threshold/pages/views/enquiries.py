"""Pages about enquiries: what to ask next, what is out, what came back, who compared it, and near misses."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from threshold.acts.access import Actor, Power
from threshold.acts.verbs import OpenLook
from threshold.enquiries import asked
from threshold.enquiries import queries as room
from threshold.enquiries.asking import RESULTS, STAGES, Document, WrongEnquiry
from threshold.enquiries.kinds import authority, kind_of
from threshold.enquiries.printing import as_pdf
from threshold.enquiries.sheets import ANSWER_COLUMNS, Back, WrongSheet, as_csv, instead, zoned
from threshold.journey import enquiring as journey
from threshold.journey.enquiring import Reply, Wish
from threshold.journey.subjects import LADDER, Seen
from threshold.pages import questions
from threshold.pages.frame import Request, done, page, whole_number
from threshold.pages.moments import read_moment
from threshold.pages.uploads import too_large
from threshold.pages.views.subjects import around, of_subject

# How many lines one sheet may have.
MOST = 500


@of_subject
def of_one(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """Everything asked about a subject, its connections, and what to ask next."""
    assessed = room.assessment(look, number)
    out = asked.of_subject(look, number)
    connections = asked.reached(look, number, out)
    return page(
        request,
        "subject/enquiries.html",
        **around(request, look, number, "enquiries", assessed),
        offers=asked.next_best(look, number, assessed, out, connections) if assessed else [],
        asked=out,
        kinds=kind_words(assessed, out),
        connections=connections,
        agreement=asked.agreement(connections),
        instead=instead,
        authority=authority,
        fact_words=fact_words(assessed),
        policy=assessed.policy if assessed else None,
        questions=questions,
    )


def kind_words(assessed: Any, out: list[asked.Asked]) -> dict[str, str]:
    """What each kind of these enquiries is called; its name where the policy in force has it no more."""
    policy = assessed.policy if assessed else None
    found = {each.kind: kind_of(policy, each.kind) if policy else None for each in out}
    return {name: kind.words if kind else name.replace("_", " ") for name, kind in found.items()}


def fact_words(assessed: Any) -> Any:
    """What is not known while a check is outstanding, by the name of its fact."""
    policy = assessed.policy if assessed else None
    return lambda fact: questions.check_words(policy, fact)


def ask(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Ask one thing about a subject."""
    typed = request.POST
    wish = Wish(
        typed.get("kind", ""),
        typed.get("authority", "")[:500],
        typed.get("application", "")[:200],
        typed.get("asked-of", "")[:500],
        whole_number(typed.get("connection"), 0) or None,
        whole_number(typed.get("premises"), 0) or None,
        whole_number(typed.get("identifier"), 0) or None,
        whole_number(typed.get("occupant"), 0) or None,
        typed.get("words", "")[:2_000],
    )
    seen = Seen(number, whole_number(typed.get("seen-act"), 0)) if typed.get("seen-act") else None
    enquiry = journey.ask(actor, number, wish, seen=seen)
    return done(request, "Asked. What was asked stands below, exactly.", "enquiry", number=enquiry)


def ask_connections(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Ask about every connection of a subject that can be resolved and was not asked about yet."""
    typed = request.POST
    sent = journey.ask_connections(
        actor,
        [number],
        typed.get("authority", "")[:500],
        applied=typed.get("application", "")[:200],
        asked_of=typed.get("asked-of", "")[:500],
    )
    told = f"Asked about: {len(sent.enquiries)}. Not sent: {len(sent.not_sent)}, with the reason below."
    return done(request, told, "enquiries-of", number=number)


def waiting(request: Request, look: OpenLook) -> HttpResponse:
    """What waits for an answer or a comparison, the request sheet, and the file of answers."""
    read = whole_number(request.GET.get("file"), 0)
    return page(
        request,
        "enquiries.html",
        waiting=asked.waiting(look),
        to_compare=asked.to_compare(look),
        most=asked.PAGE,
        columns=ANSWER_COLUMNS,
        lines=asked.file_lines(look, read) if read else [],
        may_state=look.actor.may(Power.STATE),
    )


def sheet(request: Request, look: OpenLook) -> HttpResponse:
    """The request sheet of chosen enquiries about connections, as PDF or CSV."""
    numbers = [whole_number(text, 0) for text in request.GET.getlist("n")[:MOST]]
    chosen = [number for number in numbers if number]
    if not chosen:
        return page(request, "error.html", title="Choose the lines", text=_CHOOSE)
    lines = asked.sheet(look, chosen)
    if request.GET.get("as") == "csv":
        return _file(as_csv(lines), "text/csv; charset=utf-8", "request.csv")
    return _file(as_pdf(lines, look.moment), "application/pdf", "request.pdf")


_CHOOSE = "Go back and choose the enquiries about connections that the sheet is to hold."


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def read_answers(request: Request, actor: Actor) -> HttpResponse:
    """Read a provider's file of answers, line by line."""
    if too_large(request):
        raise WrongSheet("The file is too large for this page. Send it in parts, or use: threshold enquiry.")
    upload = request.FILES.get("answers")
    if upload is None or not upload.name:
        raise WrongSheet("Choose the file of answers.")
    read = journey.read_file(actor, upload.name, upload.read())
    response = done(request, f"{read.answered} answered, {read.held} held.", "enquiries")
    response["Location"] = f"{response['Location']}?file={read.file}#lines"
    return response


def enquiry(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """One enquiry with everything that came of it."""
    found = asked.enquiry(look, number)
    assessed = room.assessment(look, found.subject)
    policy = assessed.policy if assessed else None
    kind = kind_of(policy, found.kind) if policy else None
    # No answer identifies anybody: the ladder moves by an act of its own.
    settled = [fact for fact in kind.answers if fact != LADDER] if kind else []
    asks = [questions.question(policy, fact) for fact in settled] if policy else []
    return page(
        request,
        "enquiry.html",
        number=number,
        found=found,
        kind=kind.words if kind else found.kind.replace("_", " "),
        items=asked.items(look, number),
        chases=asked.chases(look, number),
        resolution=asked.resolution(look, found.answer) if found.answer else None,
        line=asked.sheet(look, [number])[0] if found.connection and found.state != "lapsed" else None,
        comparisons=asked.comparisons(look, number) if found.connection else [],
        stages=STAGES,
        statements=asked.statements(look, found.answer) if found.answer else [],
        asks=[question for question in asks if question is not None],
        policy=policy,
        questions=questions,
        now=look.moment,
        may_state=look.actor.may(Power.STATE),
    )


def document(request: Request, look: OpenLook, number: int) -> HttpResponse:
    """The source document of an answer, as a file that no browser opens by itself."""
    found = asked.enquiry(look, number)
    if found.document is None:
        raise asked.NoEnquiry(number)
    return _file(found.document, "application/octet-stream", f"enquiry-{number}-answer")


def chase(request: Request, actor: Actor, number: int) -> HttpResponse:
    journey.chase(actor, number, request.POST.get("words", "")[:2_000])
    return done(request, "Recorded: it was asked for again.", "enquiry", number=number)


def withdraw(request: Request, actor: Actor, number: int) -> HttpResponse:
    journey.withdraw(actor, number, request.POST.get("reason", "")[:1_000])
    return done(request, "Withdrawn. The check is open again.", "enquiry", number=number)


def take_back(request: Request, actor: Actor, number: int) -> HttpResponse:
    journey.take_back_answer(actor, number, request.POST.get("reason", "")[:1_000])
    return done(
        request, "Taken back, with all it yielded. It waits for its answer again.", "enquiry", number=number
    )


def answer(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Record what came back."""
    typed = request.POST
    result = typed.get("result", "")
    if result not in RESULTS or result == "withdrawn":
        raise WrongEnquiry("Choose what came back.")
    if too_large(request):
        raise WrongEnquiry("The document is too large for this page. Add its text alone.")
    upload = request.FILES.get("document")
    reply = Reply(
        result,
        typed.get("words", "")[:4_000],
        Document(upload.name, upload.read()) if upload and upload.name else None,
        read_moment(typed.get("received", "")),
        _says(request),
        typed.get("mark") or "fact",
        back=_back(request) if typed.get("looked-up-address") else None,
    )
    came = journey.answer(actor, number, reply)
    if came.answer is None:
        told = "Not taken: the provider looked up something else than was asked. The near miss is kept below."
    else:
        told = "Recorded. The band was worked out again" + (": something changed." if came.changed else ".")
    return done(request, f"{told} {came.ask}".strip(), "enquiry", number=number)


def _says(request: Request) -> dict[str, str]:
    """The facts that an answer settles, by their fields; a number has a field of its own."""
    said = {}
    for name, value in request.POST.items():
        if name.startswith("says-") and value:
            fact = name.removeprefix("says-")
            said[fact] = request.POST.get(f"number-{fact}", "") if value == "number" else str(value)
    return said


def _back(request: Request) -> Back:
    typed = request.POST
    at = zoned(typed.get("looked-up-utc", ""))
    if at is None:
        raise WrongEnquiry("Give the time that was looked up with its zone, as in 2026-11-09 21:14:05 UTC.")
    port = whole_number(typed.get("looked-up-port"), 0, most=65_535) or None
    places = (typed.get(name, "")[:500].strip() for name in ("installation", "billing", "unsaid"))
    return Back(
        0,
        "",
        "answered",
        typed.get("looked-up-address", "")[:100],
        port,
        at,
        typed.get("subscriber", "")[:500].strip(),
        *places,
    )


def compare(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Sign one comparison, or say what differed."""
    stage = next((each for each in STAGES if each == request.POST.get("stage")), None)
    if stage is None:
        raise WrongEnquiry("Choose which comparison you sign.")
    verdict = request.POST.get("verdict", "")
    if verdict not in ("agrees", "differs"):
        raise WrongEnquiry("Say whether they agree or differ.")
    differed = request.POST.get("differed", "")[:1_000].strip()
    if verdict == "differs" and not differed:
        raise WrongEnquiry("Say what differed.")
    journey.compare(actor, [number], stage, differed if verdict == "differs" else "")
    return done(request, "Signed in your name.", "enquiry", "comparisons", number=number)


def take_back_comparison(request: Request, actor: Actor, number: int) -> HttpResponse:
    comparison = whole_number(request.POST.get("comparison"), 0)
    journey.take_back_comparison(actor, comparison, request.POST.get("reason", "")[:1_000])
    return done(request, "Taken back.", "enquiry", "comparisons", number=number)


def near_misses(request: Request, look: OpenLook) -> HttpResponse:
    return page(request, "near_misses.html", missed=asked.near_misses(look))
