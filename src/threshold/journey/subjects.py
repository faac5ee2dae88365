"""An officer's acts on a subject: say something, say who is who, take it on. Each works bands out again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from threshold.acts import closing
from threshold.acts.access import Actor, NotVisible, Power, actor_by_name, check_visible
from threshold.acts.closing import WrongClosure
from threshold.acts.verbs import OpenAct, act
from threshold.cases import verbs as cases
from threshold.enquiries import verbs as enquiries
from threshold.enquiries.assess import policy_in_force
from threshold.enquiries.drafting import DraftStatement
from threshold.enquiries.queries import last_change
from threshold.enquiries.verbs import WrongStatement
from threshold.intake import verbs as intake
from threshold.journey.assessing import assess
from threshold.people import queries as people_queries
from threshold.people import verbs as people
from threshold.people.verbs import Moved, WrongPair
from threshold.policy.model import FactRule, Policy

MARKS = ("fact", "intelligence", "assessment")

# Facts that the rules themselves read, whatever the policy asks: an officer may always state them.
ALWAYS_ASKED = {
    "sign_of_child": "Is there any sign that this person is under 18?",
    "adult_established": "Have you established that this person is 18 or over?",
}
LADDER = "identity_ladder"
RUNGS = {
    "1": "An account only",
    "2": "A connection resolved to premises",
    "3": "A candidate at the premises",
    "4": "Identified, and confirmed by an officer",
}
# The other two rest on evidence that is named, and not typed: see ``journey/identifying.py``.
TYPED_RUNGS = {rung: words for rung, words in RUNGS.items() if rung in ("1", "4")}


class ChangedMeanwhile(Exception):
    """Somebody else changed the subject after the page was drawn. Nothing was done."""

    def __init__(self, subject: int) -> None:
        super().__init__(
            f"Somebody else changed subject {subject} while you were looking at it. "
            "Nothing of yours was lost or saved: read what changed, and decide again."
        )
        self.subject = subject


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer types about a subject. ``value``: yes, no, not_known, a whole number or one of a list."""

    fact: str
    value: str
    mark: str
    source: str
    as_of: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the officer was looking at: a subject, as at an act. Notices what changed since."""

    subject: int
    act: int


def state(actor: Actor, subject: int, answer: Answer, *, seen: Seen | None = None) -> int:
    """Type a statement about a subject; its number. The band is worked out again in the same act.


    :raises WrongStatement: what was typed cannot be taken (it says why)
    :raises NotVisible: there is no such subject for this actor
    :raises ChangedMeanwhile: the subject was changed since the page was drawn
    """
    with act(actor, "state", Power.STATE, subject=subject) as opened:
        holder = visible_subject(actor, subject)
        check_unchanged(seen)
        policy = policy_in_force(opened.at)
        draft = drafted(policy, answer, opened.at)
        number = enquiries.write_statements(
            opened,
            [(subject, draft)],
            received_at=opened.at,
            mark=answer.mark,
            source=answer.source.strip(),
            officer=actor.id,
        )[0]
        assess(opened, [holder])
    return number


def check_unchanged(seen: Seen | None) -> None:
    if seen is not None and last_change(seen.subject) > seen.act:
        raise ChangedMeanwhile(seen.subject)


def drafted(policy: Policy, answer: Answer, now: datetime) -> DraftStatement:
    """A statement as an officer types it, checked against what the policy asks.

    :raises WrongStatement: it cannot be taken (it says why)
    """
    if answer.mark not in MARKS:
        raise WrongStatement("Say whether this is a fact, intelligence or an assessment.")
    if not answer.source.strip():
        raise WrongStatement("Say where this comes from: a statement needs a source.")
    if answer.as_of is not None and answer.as_of > now + timedelta(days=1):
        raise WrongStatement("The date it was true cannot be in the future.")
    rule = policy.facts.get(answer.fact)
    as_of = answer.as_of or now
    expires = as_of + timedelta(days=rule.expires_days) if rule and rule.expires_days else None
    if answer.value == "not_known":
        _check_fact(rule, answer.fact)
        return DraftStatement(answer.fact, False, as_of=as_of, words=answer.words.strip())
    if answer.fact == LADDER:
        if answer.value not in RUNGS:
            raise WrongStatement(f"The identity ladder has the rungs {', '.join(RUNGS)}.")
        if answer.value not in TYPED_RUNGS:
            raise WrongStatement(
                "This rung rests on evidence: name the compared answer, or the occupant, on which it does."
            )
        return DraftStatement(LADDER, True, choice=answer.value, as_of=as_of, words=answer.words.strip())
    if answer.fact == "age":
        return _born(answer, as_of)
    _check_fact(rule, answer.fact)
    kind = rule.kind if rule else "yes_no"
    words = answer.words.strip()
    match kind:
        case "yes_no":
            truth = {"yes": True, "no": False}.get(answer.value)
            if truth is None:
                raise WrongStatement("Answer yes, no or not known.")
            return DraftStatement(answer.fact, True, truth=truth, as_of=as_of, expires=expires, words=words)
        case "choice":
            if rule is None or answer.value not in rule.values:
                raise WrongStatement(f"Choose one of: {', '.join(rule.values if rule else ())}.")
            return DraftStatement(
                answer.fact, True, choice=answer.value, as_of=as_of, expires=expires, words=words
            )
        case _:
            low, high = _range(answer.value)
            return DraftStatement(
                answer.fact, True, low=low, high=high, as_of=as_of, expires=expires, words=words
            )


def _check_fact(rule: FactRule | None, fact: str) -> None:
    if rule is None and fact not in ALWAYS_ASKED:
        raise WrongStatement(f"The policy in force does not ask about {fact}.")


def _born(answer: Answer, as_of: datetime) -> DraftStatement:
    try:
        born = date.fromisoformat(answer.value)
    except ValueError as wrong:
        raise WrongStatement("Give the date of birth as year-month-day, such as 1990-01-31.") from wrong
    if born > as_of.date() or born.year < 1900:
        raise WrongStatement("That date of birth cannot be right.")
    return DraftStatement("age", True, born_from=born, born_to=born, as_of=as_of, words=answer.words.strip())


def _range(value: str) -> tuple[int, int | None]:
    """``3`` is exactly three, ``3+`` at least three, ``0-3`` between the two."""
    text = value.replace(" ", "")
    try:
        if text.endswith("+"):
            low, high = int(text[:-1]), None
        elif "-" in text:
            low, high = (int(part) for part in text.split("-", 1))
        else:
            low = high = int(text)
    except ValueError as wrong:
        raise WrongStatement("Give a whole number, such as 3; at least: 3+; or between two: 0-3.") from wrong
    if low < 0 or low > 1_000_000 or (high is not None and not low <= high <= 1_000_000):
        raise WrongStatement("Give numbers from 0 to 1,000,000, the smaller one first.")
    return low, high


def take_back(actor: Actor, statement: int, reason: str, *, seen: Seen | None = None) -> int:
    """Take a statement back, a sender's as well; the subject it was about. It stays in the record, as retracted.

    :raises WrongStatement: no reason is given, or the statement does not stand
    """
    if not reason.strip():
        raise WrongStatement("Say why the statement is taken back.")
    with act(actor, "take statement back", Power.STATE, statement=statement) as opened:
        check_unchanged(seen)
        mention = enquiries.retract_statement(opened, statement, reason.strip())
        try:
            subject = visible_subject(actor, mention)
        except NotVisible as hidden:
            if hidden.held_by is None:
                raise WrongStatement(
                    f"Statement {statement} does not stand: it was already taken back, or never made."
                ) from None
            raise
        assess(opened, [subject])
    return subject


def same(actor: Actor, one: int, other: int, reason: str, *, seen: Seen | None = None) -> int:
    """An officer says that two subjects are one human being; the number of the link."""
    return _link(actor, one, other, reason, seen, says_same=True)


def different(actor: Actor, one: int, other: int, reason: str, *, seen: Seen | None = None) -> int:
    """An officer says that two mentions are different people; the number of the link."""
    return _link(actor, one, other, reason, seen, says_same=False)


def _link(actor: Actor, one: int, other: int, reason: str, seen: Seen | None, *, says_same: bool) -> int:
    verb = "say same" if says_same else "say different"
    with act(actor, verb, Power.LINK, mentions=sorted((one, other))) as opened:
        for mention in (one, other):
            visible_subject(actor, mention)
        check_unchanged(seen)
        say = people.say_same if says_same else people.say_different
        link = say(opened, one, other, reason)
        _regroup_and_assess(opened, [one, other])
    return link


def undo(actor: Actor, link: int, reason: str, *, seen: Seen | None = None) -> tuple[int, ...]:
    """Undo any link; the subjects that it moved. The view becomes what it was without the link."""
    if not reason.strip():
        raise WrongPair("Say why the link is undone.")
    with act(actor, "undo link", Power.LINK, link=link) as opened:
        check_unchanged(seen)
        a, b = people.undo_link(opened, link, reason.strip())
        try:
            for mention in (a, b):
                visible_subject(actor, mention)
        except NotVisible as hidden:
            if hidden.held_by is None:
                raise WrongPair(
                    f"Link {link} does not stand: it was already undone, or never made."
                ) from None
            raise
        moved = _regroup_and_assess(opened, [a, b])
    return moved.subjects


def _regroup_and_assess(opened: OpenAct, mentions: Sequence[int]) -> Moved:
    before = people_queries.subjects_near(mentions)
    moved = people.regroup(opened, mentions)
    _assess_all(opened, {*before, *moved.subjects}, moved)
    return moved


def _assess_all(opened: OpenAct, subjects: Iterable[int], moved: Moved) -> None:
    assess(opened, subjects, moved.before)


def visible_subject(actor: Actor, mention: int) -> int:
    """The subject that holds a mention. What does not exist and what is closed are answered alike.

    A subject's number is that of a mention, too: links may have moved it into another subject since.

    :raises NotVisible: there is no such mention for this actor
    """
    subject = people_queries.subject_of(mention)
    if subject is None:
        raise NotVisible(mention)
    try:
        check_visible(actor, subject)
    except NotVisible as hidden:
        raise NotVisible(mention, hidden.held_by) from None
    return subject


def take(actor: Actor, subject: int) -> None:
    """Take a subject on, so that two do not work one."""
    with act(actor, "take", Power.TAKE, subject=subject) as opened:
        cases.take(opened, visible_subject(actor, subject))


def let_go(actor: Actor, subject: int) -> None:
    """Let a subject go again."""
    with act(actor, "let go", Power.TAKE, subject=subject) as opened:
        cases.let_go(opened, visible_subject(actor, subject))


def see_notice(actor: Actor, notice: int) -> None:
    """The actor has seen what they were told of a subject that they took on."""
    with act(actor, "see notice", Power.TAKE, notice=notice) as opened:
        cases.see_notice(opened, notice)


def withdraw(actor: Actor, report: int, source: str, words: str = "", as_of: datetime | None = None) -> None:
    """Record that its sender withdrew a report; whoever holds a subject of it is told. No band falls by it.

    :raises WrongReport: no such report, no source, or already withdrawn
    """
    with act(actor, "withdraw report", Power.IMPORT, report=report) as opened:
        mentions = people_queries.mentions_open_to(actor, report)
        if not mentions:
            raise intake.WrongReport(f"There is no report {report}.")
        intake.withdraw_report(opened, report, source, words, as_of or opened.at)
        cases.tell_holders(opened, "withdrawn", {report: mentions})


def close_access(actor: Actor, subject: int, reason: str, readers: Sequence[str]) -> None:
    """Close a subject to all but the named accounts; the actor too, unless named.

    :raises WrongClosure: no reason, no such account, or nobody who could open it again
    """
    with act(actor, "close access", Power.CLOSE_ACCESS, subject=subject) as opened:
        check_visible(actor, subject)
        closing.close(opened, subject, reason, [_reader(name) for name in readers])


def _reader(username: str) -> Actor:
    reader = actor_by_name(username.strip())
    if reader is None:
        raise WrongClosure(f"There is no account {username}.")
    return reader


def open_access(actor: Actor, subject: int) -> None:
    """Open a closed subject again; only somebody whom it is not closed to can.

    :raises WrongClosure: it is not closed
    """
    with act(actor, "open access", Power.CLOSE_ACCESS, subject=subject) as opened:
        check_visible(actor, subject)
        closing.open_again(opened, subject)
