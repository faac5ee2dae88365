"""Commands that look at the past: an assessment worked out again, and a new policy over last year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from threshold.commands.policy import policy as policies
from threshold.commands.running import (
    DONE,
    SOMETHING_HELD,
    As,
    AsJson,
    moment,
    only_files,
    person,
    print_json,
)

WAYS = {"both": ("inputs", "rows"), "inputs": ("inputs",), "rows": ("rows",)}


def add_to(app: typer.Typer) -> None:
    app.command("replay")(replay)
    app.command("tools")(tools)
    policies.command("backtest")(backtest)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} of {task.total:,}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def replay(
    what: Annotated[str, typer.Argument(help="A subject's number; 'all' for everything on record.")] = "all",
    assessment: Annotated[
        int | None, typer.Option(min=1, help="One assessment, by its number, instead of a subject.")
    ] = None,
    sample: Annotated[
        str, typer.Option(help="Of all: such a share of them, the same each time, as in 1%.")
    ] = "100%",
    ways: Annotated[
        str, typer.Option("--from", help="inputs, rows, or both: what to work out from.")
    ] = "both",
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Work past assessments out again, from their stored inputs and from the rows as known then."""
    if ways not in WAYS:
        raise typer.BadParameter(f"there are {', '.join(WAYS)}", param_hint="--from")
    every = _every(sample)
    if assessment is None and what == "all":
        told = _replay_all(every, WAYS[ways], as_user, quiet=as_json)
    else:
        told = _replay_some(what, assessment, WAYS[ways], as_user)
    if as_json:
        print_json(told)
    else:
        _tell(told)
    raise typer.Exit(SOMETHING_HELD if told["different"] else DONE)


def _every(sample: str) -> int:
    """``1%``: each hundredth."""
    text = sample.strip().removesuffix("%")
    try:
        share = float(text)
    except ValueError:
        share = 0
    if not 0.001 <= share <= 100:
        raise typer.BadParameter("a share such as 1%", param_hint="--sample")
    return max(1, round(100 / share))


def _replay_some(
    what: str, assessment: int | None, ways: Iterable[str], as_user: str | None
) -> dict[str, Any]:
    from threshold.acts.access import NotVisible, Power
    from threshold.acts.verbs import look
    from threshold.enquiries import replaying
    from threshold.people import queries as people

    if assessment is None and not (what.isascii() and what.isdigit() and 0 < int(what) < 2**63):
        raise typer.BadParameter("a subject's number, or 'all'")
    actor = person(as_user)
    with look(actor, "command replay", Power.SEE_SUBJECTS) as seen:
        if assessment is None:
            subject = people.holder_of(seen, int(what)) or int(what)
            seen.show_one(subject)
            wanted = replaying.of_subject(seen, subject)
        else:
            was_of = replaying.subject_of(assessment)
            if was_of is not None:
                try:
                    seen.show_one(people.holder_of(seen, was_of) or was_of)
                except NotVisible as hidden:
                    raise NotVisible(was_of, hidden.held_by) from None
            wanted = [assessment]
        done = list(replaying.replays(wanted, tuple(ways)))
        found = [_shown(number, each, True) for number, each in done]
        for told, (_, each) in zip(found, done, strict=True):
            if isinstance(each, replaying.Replay):
                told["corrected_since"] = [
                    {"act": c.act, "at": c.at.isoformat() if c.at else None, "fact": c.fact, "text": c.text}
                    for c in replaying.corrections(seen, each)
                ]
    return _sum(found, len(found))


def _replay_all(every: int, ways: Iterable[str], as_user: str | None, *, quiet: bool) -> dict[str, Any]:
    from threshold.acts.access import Power, only_visible
    from threshold.acts.verbs import look
    from threshold.enquiries import replaying

    actor = person(as_user)
    with look(actor, "command replay", Power.VERIFY, every=every) as seen, _progress() as progress:
        progress.disable = quiet
        wanted = replaying.numbers(every)
        differ: set[int] = set()
        if "inputs" in ways:
            task = progress.add_task("from stored inputs", total=len(wanted))
            _, wrong = replaying.differing_inputs(every, lambda done: progress.advance(task, done))
            differ |= set(wrong)
        erased = [_shown(gone.number, gone, False) for gone in replaying.erased_assessments()]
        found: list[dict[str, Any]] = []
        if "rows" in ways:
            task = progress.add_task("from the rows as known then", total=len(wanted))
            for number, again in replaying.replays(wanted, ("rows",)):
                if isinstance(again, replaying.Replay) and (again.differences or again.erased):
                    differ |= {number} if again.differences else set()
                    found += [] if again.differences else [_shown(number, again, False)]
                progress.advance(task)
        for number in sorted(differ):
            again = replaying.replay(number, tuple(ways))
            subject = replaying.subject_of(number)
            may_see = subject is not None and bool(only_visible(actor, [subject]))
            if may_see and subject is not None:
                seen.show([subject])
            found.append(_shown(number, again, may_see))
    return _sum([*erased, *found], len(wanted) + len(erased))


def _shown(number: int, done: Any, with_values: bool) -> dict[str, Any]:
    """One replay for printing; values only where the actor may see the subject."""
    from threshold.enquiries.replaying import Erased

    if done is None:
        return {"assessment": number, "subject": None, "same": False, "differences": [], "erased": [],
                "told": "there was never such an assessment"}  # fmt: skip
    if isinstance(done, Erased):
        return {"assessment": number, "subject": None, "same": True, "differences": [], "erased": [str(done)],
                "told": f"erased under act {done.act}"}  # fmt: skip
    hidden = "not shown to you"
    return {
        "assessment": number,
        "subject": done.subject,
        "same": done.same,
        "differences": [
            {
                "from": d.way,
                "field": d.field,
                "stored": _plain(d.stored) if with_values else hidden,
                "again": _plain(d.again) if with_values else hidden,
            }
            for d in done.differences
        ],
        "erased": [str(each) for each in done.erased],
        "told": "differs" if done.differences else "its rows were erased" if done.erased else "the same",
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _sum(found: list[dict[str, Any]], replayed: int) -> dict[str, Any]:
    return {
        "replayed": replayed,
        "different": sum(not each["same"] for each in found),
        "erased": sum(bool(each["erased"]) for each in found),
        "assessments": found,
    }


def _tell(told: dict[str, Any]) -> None:
    for each in told["assessments"]:
        mark = "DIFFERENT  " if not each["same"] else ""
        typer.echo(f"{mark}assessment {each['assessment']}: {each['told']}")
        for d in each["differences"]:
            typer.echo(f"    {d['field']} from {d['from']}: stored {d['stored']}, again {d['again']}")
        for erased in each["erased"]:
            typer.echo(f"    {erased}")
        for correction in each.get("corrected_since", ()):
            typer.echo(f"    since, act {correction['act']}: {correction['text']}")
    typer.echo(
        f"{told['replayed']:,} worked out again: {told['different']:,} different, {told['erased']:,} erased since"
    )


def tools(as_user: As = None, as_json: AsJson = False) -> None:
    """Show the published tools, what each is worth, and how often a brought result and our band agree."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.enquiries.tools import agreement
    from threshold.enquiries.tools import tools as registry
    from threshold.policy.tools.scoring import in_plain_words

    with look(person(as_user), "command tools", Power.COUNT):
        agreed = agreement()
    known = [
        {
            "name": tool.name,
            "title": tool.title,
            "version": tool.version,
            "population": tool.population,
            "source": tool.source,
            "licence": tool.licence,
            "mark": tool.mark,
            "worth": in_plain_words(tool),
            "limits": list(tool.limits),
        }
        for tool in registry().values()
    ]
    if as_json:
        print_json({"tools": known, "agreement": [asdict(each) for each in agreed]})
        return
    for each in known:
        typer.echo(f"{each['title']} ({each['name']}): {each['population']}\n    {each['worth']}")
    for a in agreed:
        typer.echo(
            f"{a.tool}: {a.brought} brought; {a.same} the same as our band, {a.tool_higher} higher, "
            f"{a.ours_higher} lower, {a.not_graded} where we grade nothing yet"
        )


def backtest(
    document: Annotated[Path, typer.Argument(help="The new policy.", exists=True, callback=only_files)],
    since: Annotated[str | None, typer.Option("--from", help="First day; a year before the last.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day; yesterday.")] = None,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Say what a new policy would have said of every day's caseload, from what was known on that day."""
    from datetime import UTC, datetime

    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.enquiries.backtesting import backtest as judge_the_past
    from threshold.policy.document import load
    from threshold.times import uk_day

    policy = load(document)
    end, begin = moment(until), moment(since)
    last = uk_day(end) if end else uk_day(datetime.now(UTC)) - timedelta(days=1)
    first = uk_day(begin) if begin else last - timedelta(days=364)
    if first > last:
        raise typer.BadParameter("the first day comes after the last", param_hint="--from")
    with (
        look(person(as_user), "command policy backtest", Power.ADOPT_POLICY, days=(last - first).days + 1),
        _progress() as progress,
    ):
        progress.disable = as_json
        task = progress.add_task("days", total=(last - first).days + 1)
        found = judge_the_past(policy, first, last, lambda done, _: progress.update(task, completed=done))
    if as_json:
        print_json(asdict(found) | {"first": first.isoformat(), "last": last.isoformat()})
        return
    typer.echo(
        f"{found.policy}, {first} to {last}: {found.subjects:,} subjects, judged {found.judged:,} times. "
        f"{found.higher:,} would have been higher on some day, {found.lower:,} lower."
    )
    table = Table("band then", "under the new policy", "subjects", "days", title="Known band")
    for move in found.moves:
        table.add_row(move.then, move.new, f"{move.subjects:,}", f"{move.days:,}")
    Console().print(table)
