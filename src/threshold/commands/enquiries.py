"""Commands about enquiries, premises and the identity ladder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from threshold.commands.running import As, AsJson, Number, moment, only_files, person, print_json
from threshold.times import in_uk

enquiry = typer.Typer(no_args_is_help=True, help="Turn unknown into known: ask, chase, answer, compare.")
premises = typer.Typer(no_args_is_help=True, help="What leads to premises, and who is there.")

Subjects = Annotated[list[int], typer.Argument(min=1, max=2**63 - 1, help="Numbers of subjects.")]
Enquiries = Annotated[list[int], typer.Argument(min=1, max=2**63 - 1, help="Numbers of enquiries.")]
Authority = Annotated[str, typer.Option(help="Under which authority it is asked.")]
Applied = Annotated[str, typer.Option("--application", help="The reference of the application.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]
Source = Annotated[str, typer.Option(help="Who or what record says so.")]
Words = Annotated[str, typer.Option(help="Anything to add.")]


def add_to(app: typer.Typer) -> None:
    about_enquiries: dict[str, Callable[..., None]] = {
        "next": next_best,
        "ask": ask,
        "ask-connections": ask_connections,
        "sheet": sheet,
        "list": show_waiting,
        "show": show,
        "chase": chase,
        "answer": answer,
        "resolve": resolve,
        "read-answers": read_answers,
        "withdraw": withdraw,
        "take-back": take_back,
        "compare": compare,
        "take-back-comparison": take_back_comparison,
        "near-misses": near_misses,
    }
    for name, command in about_enquiries.items():
        enquiry.command(name)(command)
    about_premises: dict[str, Callable[..., None]] = {
        "add": add_premises,
        "show": show_premises,
        "of": premises_of,
        "settle": settle,
        "left": left,
        "take-back-occupant": take_back_occupant,
        "take-back-lead": take_back_lead,
    }
    for name, command in about_premises.items():
        premises.command(name)(command)
    app.add_typer(enquiry, name="enquiry")
    app.add_typer(premises, name="premises")
    app.command("identify")(identify)


# --- enquiries


def next_best(subject: Number, as_user: As = None, as_json: AsJson = False) -> None:
    """Which enquiry settles most about a subject for the least time, and what is out already."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.enquiries import asked, queries

    with look(person(as_user), "command enquiry next", Power.SEE_SUBJECTS) as seen:
        seen.show_one(subject)
        assessed = queries.assessment(seen, subject)
        out = asked.of_subject(seen, subject)
        connections = asked.reached(seen, subject, out)
        offers = asked.next_best(seen, subject, assessed, out, connections) if assessed else []
    found = [
        {
            "kind": offer.kind.id,
            "words": offer.kind.words,
            "asked_of": offer.kind.asked_of,
            "settles": list(offer.settles),
            "officer_minutes": offer.kind.officer_minutes,
            "usual_days": offer.kind.usual_days,
            "can_be_asked": offer.can_be_asked,
            "asked": offer.asked,
            "missing": offer.missing or None,
            "tied": offer.tied or None,
        }
        for offer in offers
    ]
    if as_json:
        print_json(found)
        return
    for offer in offers:
        state = (
            "asked"
            if offer.asked
            else f"cannot be asked: {offer.missing}"
            if offer.missing
            else "can be asked"
        )
        typer.echo(
            f"{offer.kind.id}: {offer.kind.words} ({state}); settles {', '.join(offer.settles) or 'which home'}; "
            f"{offer.kind.officer_minutes} minutes, {offer.kind.usual_days} days. {offer.tied}".rstrip()
        )


def ask(
    subject: Number,
    kind: Annotated[str, typer.Argument(help="Which enquiry: threshold enquiry next names them.")],
    authority: Authority,
    application: Applied = "",
    asked_of: Annotated[str, typer.Option(help="Of whom; empty: as the kind says.")] = "",
    connection: Annotated[int | None, typer.Option(help="The connection it is about.")] = None,
    home: Annotated[int | None, typer.Option("--premises", help="The premises it is about.")] = None,
    identifier: Annotated[int | None, typer.Option(help="The name it is about; else the first.")] = None,
    occupant: Annotated[int | None, typer.Option(help="Somebody at the premises instead.")] = None,
    words: Words = "",
    as_user: As = None,
) -> None:
    """Ask one thing about a subject; prints the number of the enquiry."""
    from threshold.journey import enquiring

    wish = enquiring.Wish(
        kind, authority, application, asked_of, connection, home, identifier, occupant, words
    )
    typer.echo(f"enquiry {enquiring.ask(person(as_user), subject, wish)}")


def ask_connections(
    subjects: Subjects,
    authority: Authority,
    application: Applied = "",
    asked_of: Annotated[str, typer.Option(help="The provider; empty: as the kind says.")] = "",
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Ask whose line each connection of these subjects was; what cannot be resolved is not sent, with the reason."""
    from threshold.journey import enquiring

    sent = enquiring.ask_connections(
        person(as_user), subjects, authority, applied=application, asked_of=asked_of
    )
    if as_json:
        print_json(
            {
                "enquiries": list(sent.enquiries),
                "not_sent": [
                    {"connection": n.connection, "subject": n.subject, "why": n.why, "instead": n.instead}
                    for n in sent.not_sent
                ],
            }
        )
        return
    for number in sent.enquiries:
        typer.echo(f"enquiry {number}")
    for each in sent.not_sent:
        typer.echo(
            f"not sent: connection {each.connection} of subject {each.subject}: {each.why}. {each.instead}"
        )


def sheet(
    enquiries: Enquiries,
    out: Annotated[Path, typer.Option(help="A new file: .csv or .pdf. It will hold personal data.")],
    as_user: As = None,
) -> None:
    """Write the request sheet of these enquiries about connections, as CSV or PDF."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.enquiries import asked
    from threshold.enquiries.printing import as_pdf
    from threshold.enquiries.sheets import as_csv

    if out.suffix not in (".csv", ".pdf"):
        raise typer.BadParameter("name a file that ends in .csv or .pdf")
    if out.exists():
        raise typer.BadParameter(f"{out} exists already: name a new file")
    with look(person(as_user), "command enquiry sheet", Power.SEE_SUBJECTS) as seen:
        lines = asked.sheet(seen, enquiries)
        content = as_csv(lines) if out.suffix == ".csv" else as_pdf(lines, seen.moment)
    out.touch(mode=0o600)
    out.write_bytes(content)
    typer.echo(f"{len(lines)} lines in {out}")


def show_waiting(as_user: As = None, as_json: AsJson = False) -> None:
    """The enquiries that wait for an answer, the longest overdue first."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.enquiries import asked

    with look(person(as_user), "command enquiry list", Power.SEE_SUBJECTS) as seen:
        rows = asked.waiting(seen, 500)
    if as_json:
        print_json([_asked(each) for each in rows])
        return
    for each in rows:
        typer.echo(
            f"{each.id}: {each.kind} about subject {each.subject}, {each.state}, due {in_uk(each.due)}"
        )
    if not rows:
        typer.echo("No enquiry waits for an answer.")


def show(number: Number, as_user: As = None, as_json: AsJson = False) -> None:
    """One enquiry: what was asked exactly, what came back, and who compared it."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.enquiries import asked

    with look(person(as_user), "command enquiry show", Power.SEE_SUBJECTS) as seen:
        found = asked.enquiry(seen, number)
        signed = asked.comparisons(seen, number)
        resolution = asked.resolution(seen, found.answer) if found.answer else None
    told = _asked(found) | {
        "asked": found.asked.decode("utf-8", "replace"),
        "comparisons": [
            {
                "comparison": row.id,
                "stage": row.stage,
                "agrees": row.agrees,
                "differed": row.differed or None,
                "by": row.by_whom,
                "at": row.at.isoformat(),
            }
            for row in signed
        ],
        "resolution": resolution
        and {
            "subscriber": resolution.subscriber,
            "installation_address": resolution.installation,
            "billing_address": resolution.billing,
            "address_not_said_which": resolution.unsaid,
            "premises": resolution.premises,
        },
    }
    if as_json:
        print_json(told)
        return
    typer.echo(f"enquiry {found.id}: {found.kind} about subject {found.subject}: {found.state}")
    typer.echo(told["asked"])
    for row in signed:
        typer.echo(f"{row.stage}: {'agrees' if row.agrees else f'DIFFERS: {row.differed}'} ({row.by_whom})")
    if found.words:
        typer.echo(found.words)


def _asked(each: Any) -> dict[str, Any]:
    return {
        "enquiry": each.id,
        "subject": each.subject,
        "kind": each.kind,
        "about": each.about,
        "connection": each.connection,
        "premises": each.premises,
        "reference": each.reference,
        "asked_of": each.asked_of,
        "authority": each.authority,
        "application": each.applied,
        "asked_at": each.asked_at.isoformat(),
        "due": each.due.isoformat(),
        "chased": each.chased,
        "state": each.state,
        "answer": each.answer,
        "words": each.words,
        "document": each.document_name or None,
        "lapsed": each.lapsed or None,
        "compared": each.compared,
    }


def chase(
    number: Number, words: Annotated[str, typer.Option(help="How, and whom.")], as_user: As = None
) -> None:
    """Record that an answer was asked for again."""
    from threshold.journey import enquiring

    enquiring.chase(person(as_user), number, words)


def answer(
    number: Number,
    result: Annotated[str, typer.Argument(help="answered, no_trace, refused or cannot_be_resolved")],
    words: Words = "",
    document: Annotated[
        Path | None, typer.Option(help="The source document.", exists=True, callback=only_files)
    ] = None,
    says: Annotated[
        list[str] | None, typer.Option(help="A fact it answers: fact=value, once for each.")
    ] = None,
    received: Annotated[str | None, typer.Option(help="When the force had it.")] = None,
    mark: Annotated[str, typer.Option(help="fact, intelligence or assessment")] = "fact",
    as_user: As = None,
) -> None:
    """Record what came back; the band is worked out again at once."""
    from threshold.journey import enquiring

    reply = enquiring.Reply(
        result,
        words,
        _document(document),
        moment(received),
        dict(_pair(text) for text in says or ()),
        mark,
    )
    _tell(enquiring.answer(person(as_user), number, reply))


def resolve(
    number: Number,
    looked_up_address: Annotated[str, typer.Option(help="The address that the provider looked up.")],
    looked_up_utc: Annotated[str, typer.Option(help="The time it looked up, with its zone.")],
    looked_up_port: Annotated[
        int | None, typer.Option(help="The port it looked up.", min=1, max=65535)
    ] = None,
    subscriber: Annotated[str, typer.Option(help="Whose line it is.")] = "",
    installation: Annotated[str, typer.Option(help="Where the line is installed.")] = "",
    billing: Annotated[str, typer.Option(help="Where the bill goes.")] = "",
    unsaid: Annotated[str, typer.Option(help="An address of which it is not said which it is.")] = "",
    words: Words = "",
    document: Annotated[
        Path | None, typer.Option(help="The source document.", exists=True, callback=only_files)
    ] = None,
    as_user: As = None,
) -> None:
    """Record a provider's answer about one connection."""
    from threshold.enquiries.sheets import Back, zoned
    from threshold.journey import enquiring

    at = zoned(looked_up_utc)
    if at is None:
        raise typer.BadParameter("give the time that was looked up with its zone: 2026-11-09 21:14:05 UTC")
    back = Back(
        0,
        "",
        "answered",
        looked_up_address,
        looked_up_port,
        at,
        subscriber,
        installation,
        billing,
        unsaid,
        words,
    )
    reply = enquiring.Reply("answered", words, _document(document), back=back)
    _tell(enquiring.answer(person(as_user), number, reply))


def _document(path: Path | None) -> Any:
    from threshold.enquiries.asking import Document

    return Document(path.name, path.read_bytes()) if path else None


def _pair(text: str) -> tuple[str, str]:
    fact, separator, value = text.partition("=")
    if not separator:
        raise typer.BadParameter(f"{text!r} is not fact=value")
    return fact.strip(), value.strip()


def _tell(came: Any) -> None:
    if came.answer is None:
        typer.echo(
            f"NOT TAKEN: looked up is not what was asked: {'; '.join(came.differs)}. The near miss is kept."
        )
        raise typer.Exit(1)
    typer.echo(f"answer {came.answer}: {'changed something' if came.changed else 'changed nothing'}")
    if came.ask:
        typer.echo(came.ask)


def read_answers(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, callback=only_files)],
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Read a provider's CSV of answers: each line is taken by our reference, or held with the reason."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.enquiries import asked
    from threshold.journey import enquiring

    actor = person(as_user)
    read = enquiring.read_file(actor, file.name, file.read_bytes())
    with look(actor, "command enquiry read answers", Power.SEE_SUBJECTS) as seen:
        lines = [row._asdict() for row in asked.file_lines(seen, read.file)]
    if as_json:
        print_json({"file": read.file, "answered": read.answered, "held": read.held, "lines": lines})
    else:
        for row in lines:
            if row["state"] == "held":
                typer.echo(f"line {row['line']} held: {row['reason']}")
        typer.echo(f"{read.answered} answered, {read.held} held")
    raise typer.Exit(1 if read.held else 0)


def withdraw(number: Number, reason: Reason, as_user: As = None) -> None:
    """Withdraw an enquiry: nothing is waited for any more."""
    from threshold.journey import enquiring

    enquiring.withdraw(person(as_user), number, reason)


def take_back(number: Number, reason: Reason, as_user: As = None) -> None:
    """Take an answer back that was recorded wrongly, with all it yielded."""
    from threshold.journey import enquiring

    enquiring.take_back_answer(person(as_user), number, reason)


def compare(
    enquiries: Enquiries,
    stage: Annotated[str, typer.Option(help="asked, looked_up or answered")],
    differed: Annotated[str, typer.Option(help="What differed; empty: they agree.")] = "",
    as_user: As = None,
) -> None:
    """Sign that the records of a stage agree, for one enquiry or many; or in what they differ, for one."""
    from threshold.enquiries.asking import STAGES
    from threshold.journey import enquiring

    known = next((each for each in STAGES if each == stage), None)
    if known is None:
        raise typer.BadParameter(f"there are the comparisons {', '.join(STAGES)}")
    for number in enquiring.compare(person(as_user), enquiries, known, differed):
        typer.echo(f"comparison {number}")


def take_back_comparison(number: Number, reason: Reason, as_user: As = None) -> None:
    """Take a signature back that was given by mistake."""
    from threshold.journey import enquiring

    enquiring.take_back_comparison(person(as_user), number, reason)


def near_misses(as_user: As = None, as_json: AsJson = False) -> None:
    """Comparisons that found a difference: what differed, caught by whom, newest first."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.enquiries import asked

    with look(person(as_user), "command enquiry near misses", Power.SEE_SUBJECTS) as seen:
        rows = asked.near_misses(seen)
    if as_json:
        print_json(
            [
                {
                    "comparison": row.id,
                    "enquiry": row.enquiry,
                    "reference": row.reference,
                    "stage": row.stage,
                    "differed": row.differed,
                    "caught_by": row.by_whom,
                    "at": row.at.isoformat(),
                }
                for row in rows
            ]
        )
        return
    for row in rows:
        typer.echo(
            f"enquiry {row.enquiry}, {row.stage}: {row.differed} (caught by {row.by_whom}, {in_uk(row.at)})"
        )
    if not rows:
        typer.echo("No near miss is recorded.")


# --- premises


def add_premises(
    subject: Number,
    address: Annotated[str, typer.Argument(help="The whole address.")],
    source: Source,
    kind: Annotated[str, typer.Option(help="home, workplace or not_known")] = "not_known",
    words: Words = "",
    as_user: As = None,
) -> None:
    """Say that a subject leads to the premises at an address."""
    from threshold.journey import premises as journey

    number, lead = journey.add(person(as_user), subject, address, source, kind=kind, words=words)
    typer.echo(f"premises {number}, lead {lead}")


def show_premises(number: Number, as_user: As = None, as_json: AsJson = False) -> None:
    """Premises: who is there, and what leads there."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.people import premises as room
    from threshold.times import uk_day

    with look(person(as_user), "command premises show", Power.SEE_SUBJECTS) as seen:
        found = room.premises(seen, number)
        leads = room.leads_to(seen, number)
        living = room.occupants(seen, [number], uk_day(seen.moment))
    if as_json:
        print_json(
            {
                "premises": found.id,
                "address": found.address,
                "kind": found.kind,
                "household": room.household(living),
                "leads": [
                    {
                        "lead": row.id,
                        "subject": row.subject,
                        "answer": row.answer,
                        "source": row.source or None,
                    }
                    for row in leads
                ],
                "occupants": [
                    {
                        "occupant": who.id,
                        "name": who.name,
                        "born": who.born and who.born.isoformat(),
                        "age": who.age,
                        "from": who.from_day and who.from_day.isoformat(),
                        "to": who.to_day and who.to_day.isoformat(),
                        "here": who.here,
                        "source": who.source,
                    }
                    for who in living
                ],
            }
        )
        return
    typer.echo(f"premises {found.id}: {found.address}")
    typer.echo(room.household(living))
    for who in living:
        typer.echo(
            f"occupant {who.id}: {who.name or 'no name'}, {who.age}{'' if who.here else ', left'} ({who.source})"
        )
    for row in leads:
        typer.echo(f"subject {row.subject} leads here: {row.source or f'answer {row.answer}'}")


def premises_of(subject: Number, as_user: As = None, as_json: AsJson = False) -> None:
    """The premises to which a subject leads."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.people import premises as room

    with look(person(as_user), "command premises of", Power.SEE_SUBJECTS) as seen:
        seen.show_one(subject)
        rows = room.of_subject(seen, subject)
    found = [
        {
            "premises": r.id,
            "address": r.address,
            "lead": r.lead,
            "answer": r.answer,
            "source": r.source or None,
        }
        for r in rows
    ]
    if as_json:
        print_json(found)
        return
    for row in rows:
        typer.echo(f"premises {row.id}: {row.address} ({row.source or f'answer {row.answer}'})")


def settle(
    number: Number,
    age: Annotated[str, typer.Option(help="adult, child or not_known")],
    source: Source,
    name: Annotated[str, typer.Option(help="Their name, where it is known.")] = "",
    born: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Date of birth.")] = None,
    from_day: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"])] = None,
    to_day: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"])] = None,
    words: Words = "",
    as_user: As = None,
) -> None:
    """Record who is at premises, by which source."""
    from threshold.journey import premises as journey
    from threshold.people.premises import Dweller

    who = Dweller(name, age, source, _day(born), _day(from_day), _day(to_day), words)
    typer.echo(f"occupant {journey.settle(person(as_user), number, who)}")


def _day(typed: datetime | None) -> date | None:
    return typed.date() if typed else None


def left(
    occupant: Number,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which they left.")],
    source: Source,
    as_user: As = None,
) -> None:
    """Say that an occupant left."""
    from threshold.journey import premises as journey

    typer.echo(f"occupant {journey.move_out(person(as_user), occupant, on.date(), source)}")


def take_back_occupant(occupant: Number, reason: Reason, as_user: As = None) -> None:
    """Take an occupant back who was recorded wrongly."""
    from threshold.journey import premises as journey

    journey.take_back_occupant(person(as_user), occupant, reason)


def take_back_lead(lead: Number, reason: Reason, as_user: As = None) -> None:
    """Take back what leads to premises."""
    from threshold.journey import premises as journey

    journey.take_back_lead(person(as_user), lead, reason)


def identify(
    subject: Number,
    rung: Annotated[str, typer.Argument(help="1, 2, 3 or 4")],
    answer: Annotated[int | None, typer.Option(help="Rung 2: the compared answer it rests on.")] = None,
    occupant: Annotated[int | None, typer.Option(help="Rung 3: the occupant it rests on.")] = None,
    source: Annotated[str, typer.Option(help="Rungs 1 and 4: where this comes from.")] = "",
    words: Words = "",
    as_user: As = None,
) -> None:
    """Put a subject on a rung of the identity ladder, by its evidence."""
    from threshold.journey import identifying

    number = identifying.climb(
        person(as_user), subject, rung, answer=answer, occupant=occupant, source=source, words=words
    )
    typer.echo(f"statement {number}")
