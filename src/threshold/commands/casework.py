"""Commands for cases: open and run them, decide, letters and visits. The same verbs as the site's pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from threshold.commands.running import As, AsJson, Number, moment, person, print_json
from threshold.times import in_uk
from threshold.visible import visible

Ref = Annotated[str, typer.Argument(help="The case's reference, such as T2026-00001, or its number.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]
Day = Annotated[str | None, typer.Option(help="A date or a UK time, such as 2026-12-24 or 2026-12-24T09:30.")]
Level = Annotated[str, typer.Option(help="person or address")]
Language = Annotated[str, typer.Option(help="en or cy")]

# Said here too, so that help needs no database; a test holds them to the rooms.
_QUESTIONS = ("children", "position_of_trust", "suicide", "violence", "vulnerability", "other_agency")
_SUPPORT = ("stop_it_now", "samaritans", "family_pack", "liaison_and_diversion", "doctor", "phone")
_RESULTS = (
    "warned", "nobody_in", "wrong_person", "no_offence", "more_found", "device_seized", "arrest", "child_found",
    "welfare_concern",
)  # fmt: skip

case_app = typer.Typer(no_args_is_help=True, help="Cases: open, hand over, park, watch and close them.")
decide_app = typer.Typer(no_args_is_help=True, help="Decisions: what may be chosen, choose, and approve.")
letter_app = typer.Typer(
    no_args_is_help=True, help="Letters of a warning: read, make, and print what was made."
)
visit_app = typer.Typer(
    no_args_is_help=True, help="Warning visits: what must be so, sign, and enter the result."
)


def add_to(app: typer.Typer) -> None:
    app.add_typer(case_app, name="case")
    app.add_typer(decide_app, name="decide")
    app.add_typer(letter_app, name="letter")
    app.add_typer(visit_app, name="visit")
    app.command("visits")(count_visits)


def _number(reference: str) -> int:
    from threshold.journey.casework import number_of

    return number_of(reference)


# --- cases


@case_app.command("open")
def open_case(
    subject: Number,
    why: Annotated[str, typer.Option(help="Anything to say about why.")] = "",
    owner: Annotated[str, typer.Option(help="Give it to this account (supervisors).")] = "",
    as_user: As = None,
) -> None:
    """Open a case about a subject; its number is printed."""
    from threshold.journey import casework

    actor = person(as_user)
    typer.echo(f"case {casework.open_case(actor, subject, why, owner)}")


@case_app.command("show")
def show(case: Ref, as_user: As = None, as_json: AsJson = False) -> None:
    """Show a case: whose it is, its state, what must be done, and what may be decided."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.cases.case_queries import case_as_json, whole_case

    actor = person(as_user)
    with look(actor, "command case", Power.SEE_SUBJECTS) as seen:
        whole = whole_case(seen, _number(case))
    if as_json:
        print_json(case_as_json(whole))
        return
    standing = whole.standing
    typer.echo(f"{standing.reference}: {whole.called}, {standing.state}, {standing.owner_name}")
    if not standing.confirmed:
        typer.echo("The subject this rested on has changed: confirm again.")
    for task in whole.tasks:
        typer.echo(f"- task {task.id}: {task.words}, by {in_uk(task.due)}")
    for option in whole.options:
        typer.echo(f"{'may' if option.permitted else 'may not'}: {option.response.id}")
        for finding in option.permission.findings:
            if finding.truth is not True:
                said = "does not hold" if finding.truth is False else "not known"
                typer.echo(f"    {said}: {finding.words}")


@case_app.command("list")
def show_list(
    whose: Annotated[Literal["mine", "team", "all"], typer.Option(help="Whose cases.")] = "mine",
    state: Annotated[
        Literal["open", "parked", "watched", "closed", "merged"], typer.Option(help="In which state.")
    ] = "open",
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """List cases, what is due first."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.cases.case_queries import docket

    actor = person(as_user)
    with look(actor, "command cases", Power.SEE_SUBJECTS) as seen:
        rows, total = docket(seen, whose, state)
    if as_json:
        print_json([row.as_json() for row in rows])
        return
    for row in rows:
        due = in_uk(row.next_due) if row.next_due else "nothing due"
        typer.echo(visible(f"{row.reference}: {row.called}, {row.owner}: {due}"))
    typer.echo(f"{total} in all")


@case_app.command("hand-over")
def hand_over(
    case: Ref,
    to: Annotated[str, typer.Option(help="The account that gets it.")],
    note: Annotated[str, typer.Option(help="What was done, and what comes next.")],
    as_user: As = None,
) -> None:
    """Hand a case to another officer, with a note."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.hand_over(actor, _number(case), to, note)


@case_app.command("reassign")
def reassign(
    whose: Annotated[str, typer.Option("--from", help="The account that is off.")],
    to: Annotated[str, typer.Option(help="The account that gets the cases.")],
    note: Annotated[str, typer.Option(help="Why.")],
    as_user: As = None,
) -> None:
    """Give all live cases of somebody who is off to another, at once."""
    from threshold.journey import casework

    actor = person(as_user)
    typer.echo(f"cases {', '.join(map(str, casework.reassign(actor, whose, to, note)))}")


@case_app.command("crime-number")
def crime_number(case: Ref, number: Annotated[str, typer.Argument()], as_user: As = None) -> None:
    """Set the crime number."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.set_crime_number(actor, _number(case), number)


@case_app.command("park")
def park(case: Ref, reason: Reason, until: Day = None, as_user: As = None) -> None:
    """Park a case until a day (supervisors)."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.park(actor, _number(case), moment(until), reason)


@case_app.command("open-again")
def open_again(case: Ref, reason: Reason, as_user: As = None) -> None:
    """Open a case again that is parked, watched or closed."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.open_again(actor, _number(case), reason)


@case_app.command("watch-again")
def watch_again(case: Ref, reason: Reason, as_user: As = None) -> None:
    """Put a case back to being watched, where nothing happened after the warning."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.watch_again(actor, _number(case), reason)


@case_app.command("done")
def carry_out(
    case: Ref, words: Annotated[str, typer.Option(help="What was done.")] = "", as_user: As = None
) -> None:
    """Say that the decision in force was carried out: the case is watched from now."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.carry_out(actor, _number(case), words)


@case_app.command("close")
def close(case: Ref, reason: Reason, as_user: As = None) -> None:
    """Close a case at its end: never while it is watched, or while something on it is not done."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.close(actor, _number(case), reason)


@case_app.command("merge")
def merge(
    case: Ref,
    reason: Reason,
    into: Annotated[str, typer.Option(help="The case that goes on.")],
    as_user: As = None,
) -> None:
    """Make two cases about one subject into one."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.merge(actor, _number(case), into, reason)


@case_app.command("split")
def split(case: Ref, mention: Number, reason: Reason, as_user: As = None) -> None:
    """Give the other person of a link that was undone a case of their own; its number is printed."""
    from threshold.journey import casework

    actor = person(as_user)
    typer.echo(f"case {casework.split(actor, _number(case), mention, reason)}")


@case_app.command("confirm")
def confirm(case: Ref, as_user: As = None) -> None:
    """Say that the case is about its subject as it is made up now."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.confirm(actor, _number(case))


@case_app.command("task-done")
def task_done(
    task: Number, words: Annotated[str, typer.Option(help="What came of it.")], as_user: As = None
) -> None:
    """Say what came of a task."""
    from threshold.journey import casework

    casework.finish_task(person(as_user), task, words)


@case_app.command("task-move")
def task_move(task: Number, reason: Reason, to: Day = None, as_user: As = None) -> None:
    """Move the time of a task, with a reason."""
    from threshold.journey import casework

    casework.move_task(person(as_user), task, moment(to), reason)


@case_app.command("move-clock")
def move_clock(case: Ref, reason: Reason, to: Day = None, as_user: As = None) -> None:
    """Move the clock of the case's subject later, with a reason (supervisors)."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.move_clock(actor, _number(case), moment(to), reason)


@case_app.command("answer")
def answer(
    case: Ref,
    question: Annotated[
        str,
        typer.Argument(help=", ".join(_QUESTIONS)),
    ],
    value: Annotated[str, typer.Argument(help="yes, no or asked")],
    source: Annotated[str, typer.Option(help="Who says so, or who was asked.")],
    words: Annotated[str, typer.Option(help="Anything to add.")] = "",
    as_user: As = None,
) -> None:
    """Answer one of the questions before contact."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.answer(actor, _number(case), question, value, source, words)


@case_app.command("trigger")
def trigger(
    case: Ref,
    kind: Annotated[str, typer.Argument(help="interview, bail_return, charge or court")],
    on: Day = None,
    as_user: As = None,
) -> None:
    """Set a date on which welfare is followed up."""
    from threshold.journey import casework

    actor = person(as_user)
    typer.echo(f"task {casework.trigger_date(actor, _number(case), kind, moment(on))}")


@case_app.command("support")
def support(
    case: Ref,
    to: Annotated[str, typer.Option(help="person or family")],
    what: Annotated[str, typer.Option(help=", ".join(_SUPPORT))],
    taken_up: Annotated[str, typer.Option(help="yes, no or 'not said'")] = "not said",
    words: Annotated[str, typer.Option(help="Anything to add.")] = "",
    as_user: As = None,
) -> None:
    """Record support that was offered."""
    from threshold.journey import casework

    actor = person(as_user)
    casework.offer_support(actor, _number(case), to, what, taken_up, words)


# --- decisions


@decide_app.command("take")
def decide(
    case: Ref,
    choice: Annotated[str, typer.Argument(help="One of the options that threshold case show lists.")],
    reason: Reason,
    threat: Annotated[str, typer.Option(help="Threat and risk.")],
    powers: Annotated[str, typer.Option(help="Powers and policy that apply.")],
    known: Annotated[str, typer.Option(help="What is known, beside the record.")] = "",
    not_known: Annotated[str, typer.Option(help="What is not known, beside the record.")] = "",
    review: Day = None,
    as_user: As = None,
) -> None:
    """Take a decision; its number is printed."""
    from threshold.cases.decisions import Reasoning
    from threshold.journey import casework

    actor = person(as_user)
    given = Reasoning(choice, reason, threat, powers, known, not_known, moment(review))
    typer.echo(f"decision {casework.decide(actor, _number(case), given)}")


@decide_app.command("approve")
def approve(decision: Number, reason: Reason, as_user: As = None) -> None:
    """Approve somebody else's decision (supervisors)."""
    from threshold.journey import casework

    casework.approve(person(as_user), decision, reason)


@decide_app.command("decline")
def decline(decision: Number, reason: Reason, as_user: As = None) -> None:
    """Decline somebody else's decision (supervisors)."""
    from threshold.journey import casework

    casework.approve(person(as_user), decision, reason, approved=False)


# --- letters

Out = Annotated[
    Path, typer.Option("-o", "--out", help="The PDF to write; an existing file is not overwritten.")
]


@letter_app.command("preview")
def preview(
    case: Ref, out: Out, level: Level = "person", language: Language = "en", as_user: As = None
) -> None:
    """Write the letter as it would be printed today; a draft says so, and is not written."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.cases.letters import WrongLetter, is_draft
    from threshold.journey import casework

    actor = person(as_user)
    with look(actor, "command letter preview", Power.SEE_SUBJECTS) as seen:
        composed = casework.preview_letter(seen, _number(case), level, language)
        if is_draft(composed.text):
            raise WrongLetter("This text is a draft: no translator stands for it yet. It cannot be printed.")
    _write(out, composed.pdf)
    typer.echo(f"sha256 {composed.pdf_digest}")


@letter_app.command("make")
def make(case: Ref, level: Level = "person", language: Language = "en", as_user: As = None) -> None:
    """Make the letter that will be handed over, and keep it; its number is printed."""
    from threshold.journey import casework

    actor = person(as_user)
    typer.echo(f"letter {casework.make_letter(actor, _number(case), level, language)}")


@letter_app.command("print")
def print_letter(letter: Number, out: Out, as_user: As = None) -> None:
    """Write a letter that was made, byte for byte."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.journey import casework

    actor = person(as_user)
    with look(actor, "command letter print", Power.SEE_SUBJECTS, letter=letter) as seen:
        kept = casework.kept_letter(seen, letter)
    _write(out, bytes(kept.pdf))
    typer.echo(f"sha256 {kept.pdf_digest}")


@letter_app.command("sign-translation")
def sign_translation(
    translator: Annotated[str, typer.Option(help="The name of the translator who stands for the text.")],
    level: Level = "person",
    language: Language = "cy",
    as_user: As = None,
) -> None:
    """Record that a named translator stands for the text of a letter (supervisors)."""
    from threshold.journey import casework

    casework.sign_translation(person(as_user), level, language, translator)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as sink:
        sink.write(content)


# --- visits


@visit_app.command("check")
def check(
    case: Ref,
    letter: Annotated[int | None, typer.Option(min=1, help="The letter that was made.")] = None,
    premises: Annotated[int | None, typer.Option(min=1, help="The home.")] = None,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Say what must be so before a warning visit, and what is missing."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.cases.case_queries import whole_case
    from threshold.cases.visits import conditions

    actor = person(as_user)
    with look(actor, "command visit check", Power.SEE_SUBJECTS) as seen:
        whole = whole_case(seen, _number(case))
        last = whole.decisions[0].id if whole.decisions else None
        found = conditions(whole.standing.id, last, letter, premises)
    if as_json:
        print_json([{"id": each.id, "holds": each.holds, "words": each.words} for each in found])
        return
    for each in found:
        typer.echo(f"{'yes' if each.holds else 'NO '}  {each.words}")


@visit_app.command("sign")
def sign(
    case: Ref,
    letter: Annotated[int, typer.Option(min=1, help="The letter that was made.")],
    premises: Annotated[int, typer.Option(min=1, help="The home.")],
    as_user: As = None,
) -> None:
    """Record the visit that two people signed for; its number is printed."""
    from threshold.journey import casework

    actor = person(as_user)
    typer.echo(f"visit {casework.sign_visit(actor, _number(case), letter, premises)}")


@visit_app.command("result")
def result(
    visit: Number,
    what: Annotated[
        str,
        typer.Argument(help=", ".join(_RESULTS)),
    ],
    letter: Annotated[str, typer.Option(help="handed, refused or not_offered")] = "not_offered",
    at: Day = None,
    words: Annotated[str, typer.Option(help="Anything to add.")] = "",
    found: Annotated[
        list[str] | None, typer.Option(help="fact=value, once for each thing that was found.")
    ] = None,
    end_review: Day = None,
    as_user: As = None,
) -> None:
    """Enter what happened at the door, and all that follows from it."""
    from threshold.cases.visits import Result, WrongVisit
    from threshold.journey import casework
    from threshold.journey.casework import FoundAtDoor

    said = []
    for each in found or []:
        fact, equals, value = each.partition("=")
        if not equals:
            raise WrongVisit(f"{each!r} is not fact=value, such as shared=yes.")
        said.append(FoundAtDoor(fact, value))
    actor = person(as_user)
    told = Result(what, moment(at) or datetime.now(UTC), letter, words, moment(end_review))
    casework.record_result(actor, visit, told, said)


def count_visits(
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-11-01.")],
    last: Annotated[str | None, typer.Option("--to", help="The last day; today if not said.")] = None,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """How many homes were visited between two days, letters handed over, and what came of it."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.cases.visits import LETTER, RESULTS, visited
    from threshold.times import uk_day

    days = [_day(first), _day(last) if last else uk_day(datetime.now(UTC))]
    actor = person(as_user)
    force = actor.may(Power.COUNT_FORCE)
    with look(actor, "command visits", Power.COUNT_FORCE if force else Power.SEE_SUBJECTS) as seen:
        found = visited(seen, *days, whole_force=force)
    if as_json:
        print_json(found.as_json())
        return
    typer.echo(
        f"{found.homes} homes visited, {found.homes_met} where somebody was met; {found.visits} visits ended"
    )
    for key, count in found.results.items():
        typer.echo(f"  {RESULTS[key]}: {count}")
    for key, count in found.letters.items():
        typer.echo(f"  Letter {LETTER[key].lower()}: {count}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day, such as 2026-11-24") from None
