"""An officer's acts on a case, from its opening to its end. Each is one act, and works bands out where it must."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from threshold.acts.access import Actor, NotVisible, Power, actor_by_name
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct, OpenLook, act
from threshold.cases import casebook, contact, decisions, letters, visits
from threshold.cases.casebook import NoCase, Standing, WrongCase, check_case_visible, check_theirs
from threshold.cases.decisions import Reasoning
from threshold.cases.letters import Composed
from threshold.cases.visits import Result
from threshold.enquiries import verbs as enquiries
from threshold.enquiries.assess import policy_in_force
from threshold.enquiries.drafting import DraftStatement
from threshold.enquiries.queries import assessed_now
from threshold.home import Home
from threshold.journey.assessing import assess
from threshold.journey.subjects import Answer, drafted, visible_subject
from threshold.people.premises import living
from threshold.policy import clocks
from threshold.policy.model import Policy, Step
from threshold.times import uk_day


@contextmanager
def _on(
    actor: Actor, verb: str, case: int, power: Power = Power.DECIDE
) -> Iterator[tuple[OpenAct, Standing]]:
    """One act on a case that the actor may see.

    :raises NoCase: there is none for this actor
    """
    with act(actor, verb, power, case_file=case) as opened:
        check_case_visible(actor, case)
        yield opened, casebook.standing(case)


def number_of(reference: str) -> int:
    """The number of the case with this reference, or that this number is. Whether it may be seen is asked later.

    :raises NoCase: there is none
    """
    text = reference.strip()
    row = one("select id from case_file where reference = %s", [text.upper()])
    if row is not None:
        return int(row.id)
    if text.isascii() and text.isdigit() and 0 < int(text) < 2**62:
        return int(text)
    raise NoCase(text[:40])


def _officer(username: str) -> Actor:
    found = actor_by_name(username.strip())
    if found is None:
        raise WrongCase(f"There is no account {username.strip()[:60]}.")
    return found


# --- opening, and whose it is


def open_case(actor: Actor, subject: int, why: str = "", owner: str = "") -> int:
    """Open a case about a subject; its number. A supervisor may give it to somebody at once.

    :raises WrongCase: there is one already, or somebody else works on the subject
    :raises NotVisible: there is no such subject for this actor
    """
    with act(actor, "open case", Power.DECIDE, subject=subject) as opened:
        holder = visible_subject(actor, subject)
        given = _officer(owner) if owner.strip() else actor
        if given.id != actor.id and not actor.may(Power.SUPERVISE):
            raise WrongCase("Only a supervisor opens a case for somebody else.")
        if not given.may(Power.DECIDE):
            raise WrongCase(f"The roles of {given.username} do not let them work on cases.")
        return casebook.open_case(opened, holder, why, given)


def hand_over(actor: Actor, case: int, to: str, note: str) -> None:
    """:raises WrongCase: not theirs, no note, or the other's roles do not let them work on cases"""
    with _on(actor, "hand case over", case) as (opened, standing):
        check_theirs(actor, standing)
        casebook.hand_over(opened, standing, _officer(to), note)


def reassign(actor: Actor, whose: str, to: str, note: str) -> list[int]:
    """Give all live cases of somebody who is off to another; the numbers of those cases, all in one act.

    Cases that are closed to this supervisor stay where they are.

    :raises WrongCase: no note, or there is nothing to give
    """
    with act(actor, "reassign cases", Power.SUPERVISE) as opened:
        given = [
            standing
            for standing in casebook.live_cases_owned_by(_officer_number(whose))
            if _sees(actor, standing.id)
        ]
        if not given:
            raise WrongCase(f"{whose.strip()[:60]} has no live case that you may see.")
        for standing in given:
            casebook.hand_over(opened, standing, _officer(to), note)
        opened.body["cases"] = [standing.id for standing in given]
        return [standing.id for standing in given]


def _officer_number(username: str) -> int:
    """Of an account, even of one that was ended: somebody who left is off, too."""
    row = one("select id from officer where username = %s", [username.strip()])
    if row is None:
        raise WrongCase(f"There is no account {username.strip()[:60]}.")
    return int(row.id)


def _sees(actor: Actor, case: int) -> bool:
    try:
        check_case_visible(actor, case)
    except NoCase:
        return False
    return True


def set_crime_number(actor: Actor, case: int, number: str) -> None:
    with _on(actor, "set crime number", case) as (opened, standing):
        check_theirs(actor, standing)
        casebook.set_crime_number(opened, case, number)


# --- states


def park(actor: Actor, case: int, until: datetime | None, reason: str) -> None:
    """A supervisor parks a case, with a reason and the day on which it is looked at again."""
    with _on(actor, "park case", case, Power.SUPERVISE) as (opened, standing):
        casebook.park(opened, standing, until, reason)


def open_again(actor: Actor, case: int, reason: str) -> None:
    with _on(actor, "open case again", case) as (opened, standing):
        check_theirs(actor, standing)
        casebook.open_again(opened, standing, reason)


def watch_again(actor: Actor, case: int, reason: str) -> None:
    """A case that was opened again goes back to being watched, for no shorter than was said before.

    :raises WrongCase: it was never watched, something on it is not done, or there was activity after the warning
    """
    with _on(actor, "watch case again", case) as (opened, standing):
        check_theirs(actor, standing)
        row = one(
            "select max(until) as until from case_state where case_file = %s and state = 'watched'", [case]
        )
        if standing.state != "open" or row is None or row.until is None:
            raise WrongCase("Only an open case that was watched before goes back to being watched.")
        if one(
            "select from reopening where case_file = %s and statement is not null and retracted_by is null",
            [case],
        ):
            raise WrongCase("There was activity after the warning: decide what follows.")
        if casebook.open_tasks(case):
            raise WrongCase("Not before everything on it is done.")
        if not reason.strip():
            raise WrongCase("Say why.")
        if row.until <= opened.at:
            raise WrongCase("Its watching has ended. Close it, or decide again.")
        casebook.watch(opened, standing, row.until, reason)


def close(actor: Actor, case: int, reason: str) -> None:
    """Close a case at its end.

    :raises WrongCase: it is too early, something is not done, or nothing ends it
    """
    with _on(actor, "close case", case) as (opened, standing):
        check_theirs(actor, standing)
        decision = decisions.in_force(decisions.decisions_of(case))
        ends = decision.id if decision and not decision.watched_after and not decision.warns else None
        wrong = one(
            """select r.id from visit_result r join visit v on v.id = r.visit
               where v.case_file = %s and r.result = 'wrong_person' order by r.id desc limit 1""",
            [case],
        )
        casebook.close(opened, standing, reason, decision=ends, result=wrong.id if wrong else None)


def merge(actor: Actor, case: int, into: str, reason: str) -> int:
    """Make a case one with another, which is named by its reference; the number of the one that goes on."""
    with _on(actor, "merge cases", case) as (opened, standing):
        try:
            other = casebook.standing(number_of(into))
            check_case_visible(actor, other.id)
        except NoCase as none:
            raise WrongCase(str(none)) from None
        for each in (standing, other):
            check_theirs(actor, each)
        casebook.merge(opened, standing, other, reason)
        return other.id


def split(actor: Actor, case: int, mention: int, why: str) -> int:
    """The other person of a link that was undone gets a case of their own; its number."""
    with _on(actor, "split case", case) as (opened, standing):
        check_theirs(actor, standing)
        try:
            visible_subject(actor, mention)
        except NotVisible:
            raise WrongCase(f"There is no mention {mention}.") from None
        return casebook.split(opened, standing, mention, why)


def confirm(actor: Actor, case: int) -> None:
    """The owner has read who the subject is now, and says that the case is about them."""
    with _on(actor, "confirm subject of case", case) as (opened, standing):
        check_theirs(actor, standing)
        casebook.check_live(standing)
        if standing.confirmed:
            raise WrongCase("The subject has not changed since it was last confirmed.")
        casebook.confirm(opened, case)


# --- what must be done


@contextmanager
def _on_task(actor: Actor, verb: str, task: int, case: int | None) -> Iterator[tuple[OpenAct, Standing]]:
    """``case``: on whose page the task was; it is of that case, or there is none."""
    with act(actor, verb, Power.DECIDE, task=task) as opened:
        if case is not None:
            check_case_visible(actor, case)
        found = casebook.task(task)
        if case not in (None, found.case_file) or not _sees(actor, found.case_file):
            raise WrongCase(f"There is no task {task}.")
        standing = casebook.standing(found.case_file)
        check_theirs(actor, standing)
        yield opened, standing


def finish_task(actor: Actor, task: int, words: str, *, case: int | None = None) -> int:
    """Say what came of a task; the case."""
    with _on_task(actor, "finish task", task, case) as (opened, standing):
        casebook.finish_task(opened, task, words)
        return standing.id


def move_task(actor: Actor, task: int, due: datetime | None, reason: str, *, case: int | None = None) -> int:
    """Move the time of a task, with a reason; the case."""
    with _on_task(actor, "move task", task, case) as (opened, standing):
        casebook.move_task(opened, task, due, reason)
        return standing.id


def move_clock(actor: Actor, case: int, due: datetime | None, reason: str) -> None:
    """A supervisor moves the clock of the case's subject later, with a reason.

    :raises WrongStatement: no reason, no clock, or the time is no later one to come
    """
    with _on(actor, "move clock", case, Power.SUPERVISE) as (opened, standing):
        casebook.check_live(standing)
        enquiries.move_due(opened, standing.subject, due, reason)
        assess(opened, [standing.subject])


# --- before and after contact


def answer(actor: Actor, case: int, key: str, value: str, source: str, words: str = "") -> None:
    """Answer one of the questions before contact; the answer is a statement, and the band is worked out again."""
    with _on(actor, "answer before contact", case) as (opened, standing):
        question = contact.answer(opened, standing, key, value, source, words)
        if value == "asked":
            return
        said = Answer(question.fact, value, "fact", source, words=words)
        draft = drafted(policy_in_force(opened.at), said, opened.at)
        _say(opened, standing, [draft], source)


def _say(opened: OpenAct, standing: Standing, drafts: list[DraftStatement], source: str) -> None:
    """Say something of the case's subject, and work its band out again."""
    if not drafts:
        return
    enquiries.write_statements(
        opened,
        [(standing.mention, draft) for draft in drafts],
        received_at=opened.at,
        mark="fact",
        source=source.strip(),
        officer=opened.actor.id,
    )
    assess(opened, [standing.subject])


def trigger_date(actor: Actor, case: int, kind: str, on: datetime | None) -> int:
    """A date on which welfare is followed up; the number of the task."""
    with _on(actor, "set trigger date", case) as (opened, standing):
        return contact.trigger_date(opened, standing, kind, on)


def offer_support(
    actor: Actor, case: int, to_whom: str, what: str, taken_up: str = "not said", words: str = ""
) -> None:
    with _on(actor, "offer support", case) as (opened, standing):
        contact.offer_support(opened, standing, to_whom, what, taken_up, words)


# --- decisions


def decide(actor: Actor, case: int, reasoning: Reasoning) -> int:
    """Take a decision on a case; its number.

    :raises WrongDecision: something is missing, has changed since it was read, or cannot be chosen
    """
    with _on(actor, "decide", case) as (opened, standing):
        assessed = assessed_now(standing.subject)
        number = decisions.decide(opened, standing, assessed, reasoning)
        taken = decisions.decision(number)
        if not taken.second_person:
            _begin_steps(opened, taken)
        return number


def approve(
    actor: Actor, decision: int, reason: str, *, approved: bool = True, case: int | None = None
) -> int:
    """A second person approves a decision, or declines it; the case.

    :raises WrongDecision: their own, no reason, or what is known has changed since
    """
    verb = "approve decision" if approved else "decline decision"
    with act(actor, verb, Power.SUPERVISE, decision=decision) as opened:
        if case is not None:
            check_case_visible(actor, case)
        found = decisions.decision(decision)
        if case not in (None, found.case_file) or not _sees(actor, found.case_file):
            raise decisions.WrongDecision(f"There is no decision {decision}.")
        decisions.approve(opened, decision, approved=approved, reason=reason)
        if approved:
            _begin_steps(opened, found)
        return int(found.case_file)


def _begin_steps(opened: OpenAct, decision: Any) -> None:
    """What the response asks for, from when it was decided."""
    policy = policy_in_force(opened.at)
    for step in _steps(policy, decision.choice, "decided"):
        due = clocks.due(opened.at, step.clock)
        casebook.add_task(opened, decision.case_file, f"step {step.id}", step.words, due)


def _steps(policy: Policy, choice: str, after: Literal["decided", "done"]) -> list[Step]:
    response = next((each for each in policy.responses if each.id == choice), None)
    return [step for step in response.steps if step.after == after] if response else []


def carry_out(actor: Actor, case: int, words: str) -> None:
    """A decision without a visit was carried out: advice was sent, or nothing more is done. The case is watched.

    :raises WrongCase: no such decision is in force, or it is a visit, whose result says what follows
    """
    with _on(actor, "carry decision out", case) as (opened, standing):
        check_theirs(actor, standing)
        casebook.check_confirmed(standing)
        decision = decisions.in_force(decisions.decisions_of(case))
        if decision is None or decision.level or not decision.watched_after or standing.state != "open":
            raise WrongCase("No decision is in force after which the case is watched.")
        policy = policy_in_force(opened.at)
        watch = policy.response(decision.choice).watch
        assert watch is not None, "the decision says that it is watched after"
        if decision.warns:
            contact.check_before_contact(case)
            contact.contacted(opened, case, opened.at)
            told = DraftStatement(
                "earlier_warning", True, truth=True, as_of=opened.at, words="Advice was given"
            )
            _say(opened, standing, [told], f"Decision {decision.id}")
        casebook.watch(
            opened, standing, clocks.due(opened.at, watch), words or f"Decision {decision.id} carried out"
        )


# --- letters


def sign_translation(actor: Actor, level: str, language: str, translator: str) -> None:
    """A supervisor records that a named translator stands for the text of a letter."""
    with act(actor, "sign translation", Power.SUPERVISE) as opened:
        letters.sign_translation(opened, level, language, translator)


def preview_letter(look: OpenLook, case: int, level: str, language: str) -> Composed:
    """The letter as it would be printed today: the same bytes that would be kept.

    :raises NoCase: there is no such case for this actor
    """
    check_case_visible(look.actor, case)
    return _composed(casebook.standing(case), level, language, uk_day(look.moment))


def make_letter(
    actor: Actor, case: int, level: str, language: str = "en", *, digest: str | None = None
) -> int:
    """Make the letter that will be handed over, and keep it byte for byte; its number.

    ``digest``: of the letter that was previewed; where it would not be the same now, nothing is kept.

    :raises WrongLetter: the text is a draft, or would not be what was previewed
    """
    with _on(actor, "make letter", case) as (opened, standing):
        check_theirs(actor, standing)
        day = uk_day(opened.at)
        composed = _composed(standing, level, language, day)
        if digest is not None and digest != composed.pdf_digest:
            raise letters.WrongLetter("The letter would not be the one that you read. Read it again.")
        number = letters.keep(opened, standing, composed, day)
        for task in casebook.open_tasks(case):
            if task.kind == "step letter":
                casebook.finish_task(opened, task.id, f"Letter {number} was made")
        return number


def kept_letter(look: OpenLook, letter: int) -> Any:
    """A letter as it was made, with its bytes and their digest.

    :raises WrongLetter: there is none for this actor
    """
    kept = letters.letter(letter)
    if not _sees(look.actor, kept.case_file):
        raise letters.WrongLetter(f"There is no letter {letter}.")
    look.body["case_file"] = kept.case_file
    return kept


def _composed(standing: Standing, level: str, language: str, day: date) -> Composed:
    text = letters.text_of(level, language)
    assessed = assessed_now(standing.subject)
    rules = letters.rules_for(assessed.facts if assessed else None, _adults_at(standing, day))
    return letters.compose(text, rules, standing.reference, day, Home.current().name)


def _adults_at(standing: Standing, day: date) -> int:
    """How many are known to live at the homes that the subject leads to; 0 where it is not known."""
    rows = query(
        """select o.* from occupant o where o.retracted_by is null and o.premises in (
               select l.premises from led_to l join member m on m.mention = l.mention and m.retracted_by is null
               where m.subject = %s and l.retracted_by is null)""",
        [standing.subject],
    )
    return sum(living(row, day).here for row in rows)


# --- visits


def sign_visit(actor: Actor, case: int, letter: int, premises: int) -> int:
    """Record the visit that two people signed for; its number.

    :raises WrongVisit: something is not known to be so (it says what)
    """
    with _on(actor, "sign for visit", case) as (opened, standing):
        check_theirs(actor, standing)
        return visits.sign(opened, standing, letter, premises)


@dataclass(frozen=True, slots=True)
class FoundAtDoor:
    """What officers found beside the result, as they would type it about a subject."""

    fact: str
    value: str
    words: str = ""


def record_result(actor: Actor, visit: int, told: Result, found: list[FoundAtDoor] | None = None) -> int:
    """Enter what happened at the door, and everything that follows from it, in one act; the case.

    :raises WrongVisit: it cannot be so, or more was found and nothing is said of what
    """
    with act(actor, "record visit", Power.DECIDE, visit=visit) as opened:
        made = visits.visit(visit)
        try:
            check_case_visible(actor, made.case_file)
        except NoCase:
            raise visits.WrongVisit(f"There is no visit {visit}.") from None
        standing = casebook.standing(made.case_file)
        if told.result == "more_found" and not found:
            raise visits.WrongVisit("Say what was found: each as an answer about this person.")
        visits.record(opened, visit, told)
        policy = policy_in_force(opened.at)
        source = f"Visit {visit}"
        drafts = visits.says(told) + [
            drafted(policy, Answer(each.fact, each.value, "fact", source, told.at, each.words), opened.at)
            for each in found or []
        ]
        visits.follow(opened, standing, made, told, policy)
        _say(opened, standing, drafts, source)
        return int(made.case_file)
