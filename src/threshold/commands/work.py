"""Commands for the work itself: the lists, a subject, and an officer's acts on it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from threshold.commands.running import As, AsAt, AsJson, Number, as_known, moment, outside, person, print_json
from threshold.times import in_uk
from threshold.visible import visible

if TYPE_CHECKING:
    from threshold.policy.model import Policy


def add_to(app: typer.Typer) -> None:
    app.command("list")(show_list)
    app.command("subject")(show_subject)
    app.command("search")(search)
    app.command("state")(state)
    app.command("take-back")(take_back)
    app.command("same")(same)
    app.command("different")(different)
    app.command("undo")(undo)
    app.command("take")(take)
    app.command("let-go")(let_go)
    app.command("close")(close)
    app.command("open")(open_again)


def show_list(
    name: Annotated[str, typer.Argument(help="act, find-out or children")],
    as_at: AsAt = None,
    limit: Annotated[int, typer.Option(min=1, help="How many places to show.")] = 25,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Show one of the lists, gravest first, with the reason for each place."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.cases.queries import LISTS, listed

    known = next((each for each in LISTS if each == name), None)
    if known is None:
        raise typer.BadParameter(f"there are the lists {', '.join(LISTS)}")
    actor = person(as_user)
    with look(actor, f"command list {known}", Power.SEE_SUBJECTS, as_at=as_known(as_at)) as seen:
        rows, total = listed(seen, known, limit=limit)
    if as_json:
        print_json([row.as_json() for row in rows])
        if total > len(rows):
            typer.echo(f"threshold: the first {len(rows)} of {total}; --limit shows more.", err=True)
        return
    titles = {"act": "Act", "find-out": "Find out", "children": "Children"}
    table = Table(
        "", "subject", "who", "band and why here", "clock", title=f"{titles[known]}: {len(rows)} of {total}"
    )
    for row in rows:
        clock = f"{in_uk(row.due)}{' PASSED' if row.breached else ''}" if row.due else "none"
        checks = f"; {len(row.checks)} checks outstanding" if row.checks else ""
        table.add_row(
            str(row.rank), str(row.subject), outside(row.called), outside(f"{row.reason}{checks}"), clock
        )
    Console().print(table)


def show_subject(number: Number, as_at: AsAt = None, as_user: As = None, as_json: AsJson = False) -> None:
    """Show one subject: who this may be, why this band, what is not known, and everything it rests on."""
    from threshold.acts.access import NotVisible, Power
    from threshold.acts.verbs import look
    from threshold.enquiries import queries as enquiries
    from threshold.enquiries.assess import policy_in_force
    from threshold.people import queries as people
    from threshold.policy.reasons import could_be_higher_if, why

    actor = person(as_user)
    with look(actor, "command subject", Power.SEE_SUBJECTS, as_at=as_known(as_at)) as seen:
        # A number moves when links do; whoever asks by an old one is told, and shown who holds it now.
        holder = people.holder_of(seen, number) or number
        try:
            seen.show_one(holder)
        except NotVisible as hidden:
            raise NotVisible(number, hidden.held_by) from None
        if holder != number:
            typer.echo(f"threshold: {number} is now part of subject {holder}.", err=True)
        number = holder
        assessed = enquiries.assessment(seen, number)
        stated = enquiries.statements(seen, number)
        whole: dict[str, Any] = {
            "subject": number,
            "mentions": [_mention(row) for row in people.mentions(seen, number)],
            "identifiers": [_identifier(row) for row in people.identifiers(seen, number)],
            "connections": [_connection(row) for row in people.connections(seen, number)],
            "activities": [_activity(row) for row in people.activities(seen, number)],
            "links": [_link(row) for row in people.links(seen, number)],
            "statements": [_statement(row) for row in stated],
            "assessment": _assessment(assessed, stated) if assessed else None,
            "history": [_history(row) for row in enquiries.history(seen, number)],
        }
    if as_json:
        print_json(whole)
        return
    console = Console()
    if assessed is None:
        console.print(f"Subject {number} is not graded: no report names this person as reported.")
    else:
        if not assessed.row.listed:
            console.print("From history: no clock. A new report starts it.")
        for sentence in why(assessed.policy, assessed.judgement, assessed.facts):
            console.print(outside(sentence.text))
        for sentence in could_be_higher_if(assessed.policy, assessed.judgement, assessed.facts):
            console.print(outside(f"- {sentence.text}"))
    policy = assessed.policy if assessed else policy_in_force(seen.moment).worded_for("age_not_established")
    for title, sentences in (
        ("Identifiers", [_identifier_words(row) for row in whole["identifiers"]]),
        ("Links", [_link_words(row, number) for row in whole["links"]]),
        ("Statements", [_statement_words(policy, row, seen.moment) for row in stated]),
    ):
        console.rule(title)
        for line in sentences or ["None."]:
            console.print(outside(line), highlight=False)


def _identifier_words(row: dict[str, Any]) -> str:
    from threshold.pages import words

    on = f" on {row['service']}" if row["service"] else ""
    compared = "" if row["normal"] else "; it cannot be compared with others"
    return f"{words.kind(row['kind'])}: {row['received']}{on}{compared}"


def _link_words(row: dict[str, Any], subject: int) -> str:
    from threshold.pages import words

    says = "Not the same person as" if row["says"] == "different" else "The same person as"
    says = "Possibly the same person as" if row["strength"] == "possible" else says
    other = (
        f"subject {row['other']}" if row["other"] != subject else f"mention {row['b']}, within this subject"
    )
    who = f" by {row['by']}" if row["by"] and row["strength"] == "confirmed" else ""
    return f"Link {row['link']}: {says} {other}. {words.STRENGTHS[row['strength']]}{who}: {row['reason']}"


def _statement_words(policy: Policy, row: Any, now: datetime) -> str:
    from threshold.pages import questions, words

    said = f"{questions.asked(policy, row.fact)} {questions.value_of(row, now)}."
    said += f" {words.MARKS[row.mark]} from {row.source}, true at {in_uk(row.as_of)}"
    said += f", lapses {in_uk(row.expires)}" if row.expires else ""
    said += f", typed by {row.by_whom}" if row.officer else ""
    return f"Statement {row.id}: {said}." + (f" In its words: {row.words}" if row.words else "")


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _mention(row: Any) -> dict[str, Any]:
    return {
        "mention": row.id,
        "role": row.role,
        "report": row.report,
        "sender": row.sender,
        "reference": row.reference,
        "place": row.place,
        "batched": row.batched,
        "received_at": _time(row.received_at),
    }


def _identifier(row: Any) -> dict[str, Any]:
    return {
        "mention": row.mention,
        "kind": row.kind,
        "received": row.received,
        "service": row.service,
        "normal": row.key,
        "verified": row.verified,
        "origin": row.origin,
        "place": row.place,
    }


def _connection(row: Any) -> dict[str, Any]:
    return {
        "mention": row.mention,
        "address": row.address,
        "port": row.port,
        "port_received": row.port_text,
        "at": _time(row.at),
        "at_received": row.at_text,
        "event": row.event,
        "possible_proxy": row.possible_proxy,
        "unfit": row.unfit,
    }


def _activity(row: Any) -> dict[str, Any]:
    return {
        "mention": row.mention,
        "kind": row.kind,
        "at": _time(row.at),
        "at_received": row.at_text,
        "problem": row.at_problem,
        "words": row.words,
        "grades": row.grades,
        "report": row.report,
    }


def _link(row: Any) -> dict[str, Any]:
    return {
        "link": row.id,
        "a": row.a,
        "b": row.b,
        "says": row.says,
        "strength": row.strength,
        "rule": row.rule,
        "reason": row.reason,
        "other": row.other,
        "by": row.by_whom,
        "at": _time(row.at),
    }


def _statement(row: Any) -> dict[str, Any]:
    value = row.truth if row.truth is not None else row.choice
    if row.low is not None or row.high is not None:
        value = {"at_least": row.low, "at_most": row.high}
    if row.known and value is None and row.born_from is None:
        value = {"at_least": 1, "at_most": None}
    if row.born_from is not None:
        value = {"born_from": row.born_from.isoformat(), "born_to": row.born_to.isoformat()}
    return {
        "statement": row.id,
        "mention": row.mention,
        "fact": row.fact,
        "known": row.known,
        "value": value,
        "mark": row.mark,
        "source": row.source,
        "as_of": _time(row.as_of),
        "expires": _time(row.expires),
        "received_at": _time(row.received_at),
        "words": row.words,
        "by": row.by_whom,
    }


def _assessment(assessed: Any, statements: list[Any]) -> dict[str, Any]:
    from threshold.policy.grounds import contradictions, could_because
    from threshold.policy.model import band_name
    from threshold.policy.reasons import could_be_higher_if, why

    row = assessed.row
    explained = (assessed.policy, assessed.judgement, assessed.facts)
    return {
        "assessment": row.id,
        "act": row.asserted_by,
        "policy": {"name": assessed.policy.name, "version": assessed.policy.version, "digest": row.policy},
        "band": {"known": band_name(row.known), "could_be": band_name(row.could_be)},
        "clauses": row.deciding,
        "could": row.could,
        "checks_outstanding": row.checks,
        "why": [sentence.text for sentence in why(*explained)],
        "could_be_higher_if": [sentence.text for sentence in could_be_higher_if(*explained)],
        "could_because": [s.text for s in could_because(assessed.policy, assessed.judgement)],
        "contradictions": [
            {
                "fact": each.fact,
                "sides": [{"says": words, "statements": [s.id for s in said]} for words, said in each.sides],
            }
            for each in contradictions(assessed.policy, statements)
        ],
        "facts": row.facts,
        "statements": row.statements,
        "route": row.route,
        "route_reason": row.route_reason,
        "ladder": row.ladder,
        "listed": row.listed,
        "due": _time(row.due),
        "later_due": _time(row.later_due),
        "checks_due": _time(row.checks_due),
        "good_until": _time(row.good_until),
    }


def _history(row: Any) -> dict[str, Any]:
    from threshold.policy.model import band_name

    return {
        "assessment": row.id,
        "act": row.asserted_by,
        "at": _time(row.at),
        "verb": row.verb,
        "by": row.by_whom,
        "band": {"known": band_name(row.known), "could_be": band_name(row.could_be)},
        "clauses": row.deciding,
        "due": _time(row.due),
    }


def search(typed: str, as_at: AsAt = None, as_user: As = None, as_json: AsJson = False) -> None:
    """Find subjects by any identifier as you would type it, words of a name or address, or a report's number."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.people import queries as people

    actor = person(as_user)
    with look(actor, "command search", Power.SEE_SUBJECTS, as_at=as_known(as_at)) as seen:
        hits = people.search(seen, typed)
    found = [{"subject": h.subject, "called": h.called, "kind": h.kind, "received": h.received} for h in hits]
    if as_json:
        print_json(found)
        return
    for hit in found:
        typer.echo(visible(f"{hit['subject']}: {hit['called']} ({hit['kind']} {hit['received']})"))
    if not found:
        typer.echo("Nobody whom you may see has this.")


Reason = Annotated[str, typer.Option("--reason", help="Why.")]


def state(
    subject: Number,
    fact: str,
    value: Annotated[str, typer.Argument(help="yes, no, not_known, a number, or one of the fact's list")],
    source: Annotated[str, typer.Option(help="Where this comes from.")],
    mark: Annotated[str, typer.Option(help="fact, intelligence or assessment")] = "fact",
    as_of: Annotated[str | None, typer.Option(help="The date on which it was true.")] = None,
    words: Annotated[str, typer.Option(help="Anything to add.")] = "",
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Type a statement about a subject; the band is worked out again at once."""
    from threshold.journey.subjects import Answer
    from threshold.journey.subjects import state as say

    actor = person(as_user)
    stated = say(actor, subject, Answer(fact, value, mark, source, moment(as_of), words))
    _say_moved(subject, stated.subject)
    if as_json:
        print_json({"statement": stated.number, "asked": subject, "subject": stated.subject})
    else:
        typer.echo(f"subject {stated.subject}: statement {stated.number}")


def _say_moved(asked: int, holder: int) -> None:
    if holder != asked:
        typer.echo(f"threshold: {asked} is now part of subject {holder}; it was written there.", err=True)


def take_back(statement: Number, reason: Reason, as_user: As = None, as_json: AsJson = False) -> None:
    """Take a statement back; it stays in the record as taken back."""
    from threshold.journey import subjects

    _say_done("subject", subjects.take_back(person(as_user), statement, reason), as_json)


def same(one: Number, other: Number, reason: Reason, as_user: As = None, as_json: AsJson = False) -> None:
    """Say that two subjects are one human being."""
    from threshold.journey import subjects

    _say_done("link", subjects.same(person(as_user), one, other, reason), as_json)


def different(
    one: Number, other: Number, reason: Reason, as_user: As = None, as_json: AsJson = False
) -> None:
    """Say that two mentions are different people."""
    from threshold.journey import subjects

    _say_done("link", subjects.different(person(as_user), one, other, reason), as_json)


def undo(link: Number, reason: Reason, as_user: As = None, as_json: AsJson = False) -> None:
    """Undo a link; the view becomes what it was without it."""
    from threshold.journey import subjects

    moved = list(subjects.undo(person(as_user), link, reason))
    if as_json:
        print_json({"subjects": moved})
    else:
        typer.echo(f"subjects {', '.join(map(str, moved))}")


def _say_done(what: str, number: int, as_json: bool) -> None:
    """The number of the link that was made, or of the subject it was about."""
    if as_json:
        print_json({what: number})
    else:
        typer.echo(f"{what} {number}")


def take(subject: Number, as_user: As = None) -> None:
    """Take a subject on, so that two do not work one."""
    from threshold.journey import subjects

    _say_moved(subject, subjects.take(person(as_user), subject))


def let_go(subject: Number, as_user: As = None) -> None:
    """Let a subject go again."""
    from threshold.journey import subjects

    _say_moved(subject, subjects.let_go(person(as_user), subject))


def close(
    subject: Number,
    reason: Reason,
    reader: Annotated[list[str], typer.Option(help="An account that may see it; say it once for each.")],
    as_user: As = None,
) -> None:
    """Close a subject to all but the named accounts."""
    from threshold.journey import subjects

    subjects.close_access(person(as_user), subject, reason, reader)


def open_again(subject: Number, as_user: As = None) -> None:
    """Open a closed subject again to everybody whose role lets them see it."""
    from threshold.journey import subjects

    subjects.open_access(person(as_user), subject)
