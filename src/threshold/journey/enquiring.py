"""An officer's acts on enquiries: ask, chase, answer, compare. Each works bands out again in the same act."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any

from threshold.acts.access import Actor, NotVisible, Power
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct, act
from threshold.acts.writing import claim_rows
from threshold.cases import verbs as cases
from threshold.enquiries import asking
from threshold.enquiries.asked import LINES, line_of
from threshold.enquiries.asking import Document, Item, Question, Stage, WrongEnquiry
from threshold.enquiries.assess import policy_in_force
from threshold.enquiries.kinds import about, kind_of
from threshold.enquiries.sheets import Back, differences, instead, read_answers
from threshold.enquiries.verbs import write_statements
from threshold.intake.media import cut_media
from threshold.journey.assessing import assess
from threshold.journey.subjects import LADDER, Answer, Seen, check_unchanged, drafted, visible_subject
from threshold.people import premises as homes
from threshold.people import queries as people
from threshold.people.premises import WrongPremises
from threshold.policy import clocks
from threshold.policy.model import EnquiryKind, Policy

# What somebody is asked about by: the first of these that a subject has.
_CALLED_BY = ("name", "name_dob")


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer wants asked of one subject. ``about`` is exact: the rows that it is about, never typed again.

    ``identifier``: the name asked about (None: the first there is); ``occupant``: somebody at the premises instead.
    """

    kind: str
    authority: str
    applied: str = ""
    asked_of: str = ""
    connection: int | None = None
    premises: int | None = None
    identifier: int | None = None
    occupant: int | None = None
    words: str = ""


def ask(actor: Actor, subject: int, wish: Wish, *, seen: Seen | None = None) -> int:
    """Ask one thing about a subject; the number of the enquiry.

    :raises WrongEnquiry: there is no such kind, nothing to ask about, no authority, or it is out already
    :raises NotVisible: there is no such subject for this actor
    """
    with act(actor, "ask", Power.STATE, subject=subject) as opened:
        holder = visible_subject(actor, subject)
        check_unchanged(seen)
        policy = policy_in_force(opened.at)
        kind = _kind(policy, wish.kind)
        question = _question(opened, holder, kind, wish, 1)
        number = asking.ask(opened, [question])[0]
        assess(opened, [holder])
    return number


def _kind(policy: Policy, name: str) -> EnquiryKind:
    kind = kind_of(policy, name)
    if kind is None:
        raise WrongEnquiry(f"There are the enquiries {', '.join(kind.id for kind in policy.enquiries)}.")
    return kind


def _question(opened: OpenAct, subject: int, kind: EnquiryKind, wish: Wish, place: int) -> Question:
    if not wish.authority.strip():
        raise WrongEnquiry("Say under which authority this is asked.")
    what = about(kind.id)
    asked_of = wish.asked_of.strip() or kind.asked_of
    reference = asking.reference_of(opened.id, place)
    due = clocks.due(opened.at, kind.clock)
    common = (asked_of, wish.authority.strip(), wish.applied.strip(), reference)
    if what == "connection":
        row = _connection(subject, wish.connection)
        exact = line_of(row, reference, wish.authority.strip(), wish.applied.strip()).exact()
        items: tuple[Item, ...] = (Item("connection", row.id),)
        return Question(row.mention, kind.id, what, *common, exact, due, items, connection=row.id)
    if what == "premises":
        home = _home(subject, wish.premises)
        exact = _request(kind, common, wish, [f"Address: {home.address}"])
        items = (Item("premises", home.id),)
        return Question(home.mention, kind.id, what, *common, exact, due, items, premises=home.id)
    mention, items, lines = _who(subject, wish) if what == "person" else _report(subject)
    return Question(mention, kind.id, what, *common, _request(kind, common, wish, lines), due, items)


def _request(kind: EnquiryKind, common: tuple[str, str, str, str], wish: Wish, lines: Sequence[str]) -> bytes:
    """The exact bytes of a request that is no line of a sheet."""
    asked_of, authority, applied, reference = common
    text = [
        f"Our reference: {reference}",
        f"Check: {kind.words}",
        f"Asked of: {asked_of}",
        *lines,
        f"Authority: {authority}",
        *([f"Application: {applied}"] if applied else []),
        *([f"Question: {wish.words.strip()}"] if wish.words.strip() else []),
    ]
    return "\n".join([*text, ""]).encode("utf-8")


def _connection(subject: int, connection: int | None) -> Any:
    row = _lines_of([connection or 0]).get(connection or 0)
    if row is None or people.subject_of(row.mention) != subject:
        raise WrongEnquiry("Choose one of the subject's connections.")
    unfit = _unfit(row.id)
    if unfit:
        raise WrongEnquiry(f"This connection is not sent: {unfit}. {instead(unfit)}")
    if row.id in _asked_already([row.id]):
        raise WrongEnquiry("This connection was asked about already. See what came back, or chase it.")
    return row


def _lines_of(connections: Sequence[int]) -> dict[int, Any]:
    return {row.id: row for row in query(LINES, [list(connections)])}


def _unfit(connection: int) -> str:
    row = one("select unfit from connection where id = %s", [connection])
    return str(row.unfit) if row and row.unfit else ""


def _asked_already(connections: Sequence[int]) -> set[int]:
    """Connections that are asked about and wait, or were answered; not those whose enquiry was withdrawn or lapsed."""
    rows = query(
        """select e.connection from enquiry e
           left join enquiry_answer n on n.enquiry = e.id and n.retracted_by is null
           where e.connection = any(%s) and e.retracted_by is null and n.result is distinct from 'withdrawn'
             and not exists (select from enquiry_lapse l where l.enquiry = e.id)""",
        [list(connections)],
    )
    return {row.connection for row in rows}


def _home(subject: int, premises: int | None) -> Any:
    row = one(
        """select p.id, p.address, l.mention from member m
           join led_to l on l.mention = m.mention and l.retracted_by is null
           join premises p on p.id = l.premises and p.retracted_by is null
           where m.subject = %s and m.retracted_by is null and (%s::bigint is null or p.id = %s)
           order by l.id limit 1""",
        [subject, premises, premises],
    )
    if row is None:
        raise WrongEnquiry(
            "No premises are known to ask about. Resolve a connection, or say what leads there."
        )
    return row


def _who(subject: int, wish: Wish) -> tuple[int, tuple[Item, ...], list[str]]:
    """Whom an enquiry is about: mention, what must go on standing, and the lines that say so."""
    if wish.occupant is not None:
        return _occupant(subject, wish.occupant)
    names = query(
        """select i.id, i.mention, i.kind, i.received, i.folded from member m
           join identifier i on i.mention = m.mention and i.retracted_by is null
           where m.subject = %s and m.retracted_by is null and i.kind = any(%s)
           order by array_position(%s::text[], i.kind), i.id""",
        [subject, list(_CALLED_BY), list(_CALLED_BY)],
    )
    chosen = next((n for n in names if wish.identifier in (None, n.id)), None)
    if chosen is None:
        raise WrongEnquiry("Choose a name of this subject to ask about: none is known, or not this one.")
    items = [Item("identifier", value=f"{chosen.kind}|{chosen.folded}")]
    lines = [f"Name: {chosen.received}"]
    # The day of birth that goes with this name: that of the same mention.
    for born in query(
        """select distinct born_from, born_to from statement where mention = %s and retracted_by is null
           and fact = 'age' and known and born_from = born_to order by 1""",
        [chosen.mention],
    ):
        items.append(Item("born", value=f"{born.born_from}/{born.born_to}"))
        lines.append(f"Born: {_day(born.born_from)}")
    return chosen.mention, tuple(items), lines


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _occupant(subject: int, occupant: int) -> tuple[int, tuple[Item, ...], list[str]]:
    row = one(
        """select o.id, o.name, o.born, l.mention, p.address from member m
           join led_to l on l.mention = m.mention and l.retracted_by is null
           join premises p on p.id = l.premises
           join occupant o on o.premises = p.id and o.retracted_by is null
           where m.subject = %s and m.retracted_by is null and o.id = %s order by l.id limit 1""",
        [subject, occupant],
    )
    if row is None or not row.name:
        raise WrongEnquiry("Choose an occupant with a name, at premises to which this subject leads.")
    lines = [f"Name: {row.name}", *([f"Born: {_day(row.born)}"] if row.born else []), f"At: {row.address}"]
    return row.mention, (Item("occupant", row.id),), lines


def _report(subject: int) -> tuple[int, tuple[Item, ...], list[str]]:
    row = one(
        """select n.id, r.id as report, r.sender, r.reference from member m join mention n on n.id = m.mention
           join report r on r.id = n.report and r.retracted_by is null
           where m.subject = %s and m.retracted_by is null order by r.received_at desc, r.id desc limit 1""",
        [subject],
    )
    if row is None:
        raise WrongEnquiry("No report speaks of this subject, so there is no sender to ask.")
    return row.id, (), [f"Sender: {row.sender}", f"Their reference: {row.reference or 'none'}"]


# --- many connections at once


@dataclass(frozen=True, slots=True)
class NotSent:
    """A connection that is not asked about: why, and what could be asked instead."""

    connection: int
    subject: int
    why: str
    instead: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a request about many connections."""

    enquiries: tuple[int, ...]
    not_sent: tuple[NotSent, ...]


def ask_connections(
    actor: Actor,
    subjects: Iterable[int],
    authority: str,
    *,
    applied: str = "",
    asked_of: str = "",
    only: Iterable[int] | None = None,
) -> Sent:
    """Ask whose line each connection of these subjects was, in one request; what cannot be resolved is not sent.

    What is asked about already is left out. ``only``: of all their connections, only these.

    :raises WrongEnquiry: no authority, or nothing to ask about
    :raises NotVisible: there is no such subject for this actor
    """
    wanted = list(dict.fromkeys(subjects))
    with act(actor, "ask about connections", Power.STATE, subjects=wanted) as opened:
        policy = policy_in_force(opened.at)
        kind = next((kind for kind in policy.enquiries if about(kind.id) == "connection"), None)
        if kind is None:
            raise WrongEnquiry("The policy in force has no enquiry about connections.")
        holders = list(dict.fromkeys(visible_subject(actor, subject) for subject in wanted))
        rows = query(
            """select c.id, c.unfit, m.subject from member m
               join connection c on c.mention = m.mention and c.retracted_by is null
               where m.subject = any(%s) and m.retracted_by is null order by m.subject, c.at nulls last, c.id""",
            [holders],
        )
        chosen = None if only is None else set(only)
        rows = [row for row in rows if chosen is None or row.id in chosen]
        known = _asked_already([row.id for row in rows])
        not_sent = tuple(
            NotSent(row.id, row.subject, row.unfit, instead(row.unfit)) for row in rows if row.unfit
        )
        sendable = [row for row in rows if not row.unfit and row.id not in known]
        if not sendable and not not_sent:
            raise WrongEnquiry(
                "There is nothing to ask: no connection, or every one was asked about already."
            )
        questions = [
            _question(opened, row.subject, kind, Wish(kind.id, authority, applied, asked_of, row.id), place)
            for place, row in enumerate(sendable, start=1)
        ]
        numbers = asking.ask(opened, questions)
        assess(opened, {row.subject for row in sendable})
    return Sent(tuple(numbers), not_sent)


# --- what comes back


def chase(actor: Actor, enquiry: int, words: str) -> None:
    """Record that an answer was asked for again."""
    with act(actor, "chase", Power.STATE, enquiry=enquiry) as opened:
        _visible(actor, enquiry)
        asking.chase(opened, enquiry, words)


def withdraw(actor: Actor, enquiry: int, why: str) -> None:
    """Withdraw an enquiry: nothing is waited for any more, and the check is open again."""
    with act(actor, "withdraw enquiry", Power.STATE, enquiry=enquiry) as opened:
        subject = _visible(actor, enquiry)
        asking.answer(opened, enquiry, "withdrawn", words=why)
        assess(opened, [subject])


@dataclass(frozen=True, slots=True)
class Came:
    """What an answer did. ``answer`` None: it was not taken, because what was looked up is not what was asked.

    ``changed``: whether the subject's band, checks, route, rung or premises changed. ``ask``: what to ask next.
    """

    answer: int | None
    changed: bool
    differs: tuple[str, ...] = ()
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, as an officer records it. ``says``: the facts it answers, each with its value."""

    result: str
    words: str = ""
    document: Document | None = None
    received_at: datetime | None = None
    says: Mapping[str, str] = field(default_factory=dict)
    mark: str = "fact"
    as_of: datetime | None = None
    back: Back | None = None


def answer(actor: Actor, enquiry: int, reply: Reply) -> Came:
    """Record what came back, and work the band out again in the same act.

    Where a provider looked up something else than was asked, the answer is not taken; the near miss is recorded.

    :raises WrongEnquiry: it does not wait for an answer, or the answer lacks what it needs
    :raises WrongStatement: what it says of a fact cannot be taken
    """
    with act(actor, "answer", Power.STATE, enquiry=enquiry) as opened:
        subject = _visible(actor, enquiry)
        row = asking.still_open(enquiry)
        before = _shape(subject)
        came = _take(opened, row, reply)
        assess(opened, [subject])
        changed = _shape(subject) != before
        if changed and came.answer is not None:
            cases.tell_of_enquiries(opened, "enquiry answered", {enquiry: row.mention})
    return Came(came.answer, changed, came.differs, came.ask)


def _take(opened: OpenAct, row: Any, reply: Reply) -> Came:
    """Write one answer, with what it yields."""
    back = reply.back
    if row.connection is not None and reply.result == "answered":
        if back is None or back.at is None or not back.address:
            raise WrongEnquiry(
                "Say which address, port and time the provider looked up: it is compared with ours."
            )
        if back.installation:
            homes.comparable(back.installation)
        asked = _lines_of([row.connection])[row.connection]
        found = differences(asked.address, asked.port, asked.at, back.address, back.port, back.at)
        if found:
            asking.compare(opened, row.id, None, "looked_up", "; ".join(found))
            return Came(None, False, tuple(found))
    _check_says(row, reply)
    number = asking.answer(
        opened,
        row.id,
        reply.result,
        words=reply.words,
        document=reply.document,
        received_at=reply.received_at,
    )
    ask_next = ""
    if row.connection is not None and back is not None and reply.result == "answered":
        ask_next = _resolve(opened, row, number, back)
    _say(opened, row, number, reply)
    return Came(number, False, ask=ask_next)


def _resolve(opened: OpenAct, row: Any, number: int, back: Back) -> str:
    """Keep the resolution, and what it leads to; what must be asked because it does not lead anywhere."""
    home = homes.put_down(opened, back.installation) if back.installation else None
    asking.resolve(opened, number, row.connection, back, home)
    if home is not None:
        homes.lead(opened, row.mention, home, answer=number)
        return ""
    if back.unsaid:
        return "Ask which address this is: where the line is installed, or where the bill goes."
    return "Ask where the line is installed: where the bill goes is another thing."


def _check_says(row: Any, reply: Reply) -> None:
    if LADDER in reply.says:
        raise WrongEnquiry("No answer identifies anybody: that is an officer's act of its own.")
    if reply.says and reply.result not in ("answered", "no_trace"):
        raise WrongEnquiry(
            "Only an answer, or no trace, says something. What is refused leaves the check open."
        )
    if row.connection is not None and reply.says:
        raise WrongEnquiry("Whose line it was says nothing about a person. Ask about the person or the home.")


def _say(opened: OpenAct, row: Any, number: int, reply: Reply) -> None:
    """The statements that an answer yields, about the mention that the enquiry was about."""
    policy = policy_in_force(opened.at)
    source = f"{row.asked_of}, answer to {row.reference}"
    drafts = [
        drafted(policy, Answer(fact, value, reply.mark, source, reply.as_of, reply.words), opened.at)
        for fact, value in reply.says.items()
    ]
    if drafts:
        write_statements(
            opened,
            [(row.mention, draft) for draft in drafts],
            received_at=reply.received_at or opened.at,
            mark=reply.mark,
            source=source,
            officer=opened.actor.id,
            answer=number,
        )


def _shape(subject: int) -> tuple[Any, ...]:
    """What a holder of the subject would call a change."""
    row = one(
        """select a.known, a.could_be, a.deciding, a.could, a.checks, a.facts, a.route, a.ladder, a.due
           from assessment a where a.subject = %s and a.retracted_by is null""",
        [subject],
    )
    homes_led_to = query(
        """select distinct l.premises from member m join led_to l on l.mention = m.mention and l.retracted_by is null
           where m.subject = %s and m.retracted_by is null order by 1""",
        [subject],
    )
    return (*(row or ()), [each.premises for each in homes_led_to])


def take_back_answer(actor: Actor, enquiry: int, reason: str) -> None:
    """Take an answer back that was recorded wrongly, with all it yielded: the enquiry waits for its answer again.

    :raises WrongEnquiry: no reason, or it has no answer
    """
    if not reason.strip():
        raise WrongEnquiry("Say why the answer is taken back.")
    with act(actor, "take back answer", Power.STATE, enquiry=enquiry) as opened:
        subject = _visible(actor, enquiry)
        row = one("select id from enquiry_answer where enquiry = %s and retracted_by is null", [enquiry])
        if row is None:
            raise WrongEnquiry(f"Enquiry {enquiry} has no answer that could be taken back.")
        asking.unanswer(opened, [row.id], reason.strip())
        assess(opened, [subject])


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a file of answers: its number, how many lines were taken, how many held."""

    file: int
    answered: int
    held: int


def read_file(actor: Actor, name: str, content: bytes) -> Read:
    """Read a provider's file of answers: every line is taken by our reference, or held with the reason.

    One act takes the whole file. A reference that is not there, not out, or another team's, is answered alike.

    :raises WrongSheet: it cannot be read at all
    :raises WrongEnquiry: it was read already
    """
    lines = read_answers(content)
    sink = BytesIO()
    cut_media(BytesIO(content), sink)
    digest = hashlib.sha256(content).hexdigest()
    with act(actor, "read answers", Power.STATE) as opened:
        if one("select id from answer_file where sha256 = %s and retracted_by is null", [digest]):
            raise WrongEnquiry("This very file was read already. Nothing in it is taken twice.")
        file = claim_rows(
            opened, "answer_file", ["name", "content", "sha256"], [(name[:200], sink.getvalue(), digest)]
        )[0]
        waiting = asking.open_by_reference([line.reference for line in lines])
        touched: dict[int, tuple[int, tuple[Any, ...]]] = {}
        became = []
        for line in lines:
            row = waiting.pop(line.reference, None)
            subject = _if_visible(actor, row.mention) if row is not None else None
            if row is not None and subject is not None and row.id not in touched:
                touched[row.id] = (subject, _shape(subject))
            became.append(
                (file, line.number, *_line(opened, name, line, row if subject is not None else None))
            )
        claim_rows(opened, "answer_line", ["file", "line", "reference", "enquiry", "state", "reason"], became)
        assess(opened, {subject for subject, _ in touched.values()})
        taken = [row[3] for row in became if row[3] is not None and row[4] == "answered"]
        changed = {n for n in taken if _shape(touched[n][0]) != touched[n][1]}
        mentions = query("select id, mention from enquiry where id = any(%s)", [sorted(changed)])
        cases.tell_of_enquiries(opened, "enquiry answered", {row.id: row.mention for row in mentions})
    return Read(file, len(taken), len(became) - len(taken))


def _line(opened: OpenAct, name: str, line: Back, row: Any | None) -> tuple[str, int | None, str, str]:
    """What becomes of one line: reference, enquiry, state and reason."""
    if line.problem:
        return line.reference, None, "held", line.problem
    if row is None:
        return line.reference, None, "held", "no enquiry with this reference waits for an answer"
    if row.connection is None:
        return line.reference, row.id, "held", "this enquiry is not about a connection: answer it on its page"
    assert line.result is not None
    words = line.words or f"line {line.number} of {name[:200]}"
    try:
        came = _take(opened, row, Reply(line.result, words, back=line))
    except (WrongEnquiry, WrongPremises) as wrong:
        return line.reference, row.id, "held", str(wrong)
    if came.answer is None:
        return line.reference, row.id, "held", f"looked up is not what was asked: {'; '.join(came.differs)}"
    return line.reference, row.id, "answered", ""


# --- three comparisons


def compare(actor: Actor, enquiries: Sequence[int], stage: Stage, differed: str = "") -> list[int]:
    """Sign by name that two records agree, for one enquiry or many; or in what they differ, for one.

    *asked*: what was asked = the source. *looked_up*: what the provider looked up = what was asked. *answered*:
    the answer = both, and says where the line is installed.

    :raises WrongEnquiry: there is nothing to compare, it is signed already, or the records plainly differ
    """
    if stage not in asking.STAGES:
        raise WrongEnquiry(f"There are the comparisons {', '.join(asking.STAGES)}.")
    if differed.strip() and len(enquiries) != 1:
        raise WrongEnquiry("Say what differed of one enquiry at a time.")
    with act(actor, "compare", Power.STATE, enquiries=list(enquiries), stage=stage) as opened:
        subjects = {_visible(actor, enquiry) for enquiry in enquiries}
        numbers = []
        for enquiry in dict.fromkeys(enquiries):
            answered = _to_compare(enquiry, stage, agrees=not differed.strip())
            numbers.append(asking.compare(opened, enquiry, answered, stage, differed))
        assess(opened, subjects)
    return numbers


def _to_compare(enquiry: int, stage: Stage, *, agrees: bool) -> int | None:
    """The answer that a comparison is about (None: of the request itself), checked as far as a machine can."""
    row = one(
        """select e.id, e.connection, e.reference, e.authority, e.applied, e.asked, n.id as answer,
                  r.looked_up_address, r.looked_up_port, r.looked_up_at, r.premises
           from enquiry e
           left join enquiry_answer n on n.enquiry = e.id and n.retracted_by is null and n.result = 'answered'
           left join resolution r on r.answer = n.id and r.retracted_by is null
           where e.id = %s and e.retracted_by is null""",
        [enquiry],
    )
    source = _lines_of([row.connection])[row.connection] if row and row.connection else None
    if row is None or source is None:
        raise WrongEnquiry(
            f"Enquiry {enquiry} is not about a connection that stands: there is nothing to compare."
        )
    if stage == "asked":
        line = line_of(source, row.reference, row.authority, row.applied)
        if agrees and line.exact() != bytes(row.asked):
            raise WrongEnquiry(
                f"What enquiry {enquiry} asked is not what the source says now. Say what differed."
            )
        return None
    if row.answer is None or row.looked_up_at is None:
        raise WrongEnquiry(f"Enquiry {enquiry} has no answer yet, so there is nothing to compare it with.")
    found = differences(
        source.address, source.port, source.at, row.looked_up_address, row.looked_up_port, row.looked_up_at
    )
    if agrees and found:
        raise WrongEnquiry(f"They differ ({'; '.join(found)}). Say so instead.")
    if agrees and stage == "answered" and row.premises is None:
        raise WrongEnquiry("The answer does not say where the line is installed. Ask that first.")
    return int(row.answer)


def take_back_comparison(actor: Actor, comparison: int, reason: str) -> None:
    """Take a signature back that was given by mistake; a rung that rests on it is taken back with it."""
    with act(actor, "take back comparison", Power.STATE, comparison=comparison) as opened:
        row = one("select enquiry from comparison where id = %s and retracted_by is null", [comparison])
        subject = _if_visible(actor, _mention(row.enquiry)) if row else None
        if subject is None:
            raise WrongEnquiry(f"Comparison {comparison} does not stand: it was taken back, or never made.")
        asking.take_back_comparison(opened, comparison, reason)
        assess(opened, [subject])


def _mention(enquiry: int) -> int:
    row = one("select mention from enquiry where id = %s and retracted_by is null", [enquiry])
    return int(row.mention) if row else 0


def _visible(actor: Actor, enquiry: int) -> int:
    """The subject of an enquiry. What does not exist and what is hidden are answered alike.

    :raises WrongEnquiry: there is none for this actor
    """
    subject = _if_visible(actor, _mention(enquiry))
    if subject is None:
        raise WrongEnquiry(f"There is no enquiry {enquiry}.")
    return subject


def _if_visible(actor: Actor, mention: int) -> int | None:
    try:
        return visible_subject(actor, mention)
    except NotVisible:
        return None
