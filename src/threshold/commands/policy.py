"""Commands for policies: prove one, run its scenarios, see what it would do, and put it into force by two people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from threshold.commands.running import (
    SOMETHING_HELD,
    As,
    AsAt,
    AsJson,
    Number,
    moment,
    only_files,
    person,
    print_json,
)
from threshold.times import in_uk

if TYPE_CHECKING:
    from threshold.acts.verbs import OpenLook
    from threshold.policy.impact import Impact
    from threshold.policy.model import Policy

policy = typer.Typer(
    no_args_is_help=True, help="Policies: check, test, compare, and put into force by two people."
)
File = Annotated[Path, typer.Argument(help="The policy's file.", callback=only_files)]
Which = Annotated[str, typer.Argument(help="A policy's file, in-force, or the number of a proposal.")]
IN_FORCE = "in-force"


def add_to(app: typer.Typer) -> None:
    app.add_typer(policy, name="policy")


@policy.command("check")
def check_files(
    files: Annotated[list[Path], typer.Argument(help="The policies' files.", callback=only_files)],
    as_json: AsJson = False,
) -> None:
    """Prove a policy before it is used; every fault with its place, an example and the remedy. Needs no home."""
    from threshold.policy.check import Fault, Proof, check, check_together, fault_of
    from threshold.policy.document import load
    from threshold.policy.errors import PolicyError

    told: list[tuple[Path, tuple[Proof, ...]]] = []
    policies: list[Policy] = []
    for path in files:
        try:
            read = load(path)
        except PolicyError as error:
            told.append((path, (Proof("The document can be read.", (fault_of(error),)),)))
        else:
            policies.append(read)
            told.append((path, check(read)))
    together = tuple(check_together(policies))
    if len(files) > 1:
        told.append((files[-1], (Proof("No two versions begin at one instant.", together),)))
    faults: list[Fault] = [fault for _, proofs in told for proof in proofs for fault in proof.faults]
    if as_json:
        print_json(
            {
                "faults": len(faults),
                "proofs": [
                    {"file": str(path), "of": proof.of, "faults": [_fault_as_json(f) for f in proof.faults]}
                    for path, proofs in told
                    for proof in proofs
                ],
            }
        )
    else:
        for path, proofs in told:
            typer.echo(f"{path}")
            for proof in proofs:
                typer.echo(f"  {'FAULT ' if proof.faults else 'proved'} {proof.of}")
                for fault in proof.faults:
                    typer.echo(f"         {fault}")
        typer.echo(f"{len(faults)} faults" if len(faults) != 1 else "1 fault")
    if faults:
        raise typer.Exit(SOMETHING_HELD)


def _fault_as_json(fault: Any) -> dict[str, Any]:
    return {name: getattr(fault, name) for name in ("path", "line", "where", "reason", "story", "remedy")}


@policy.command("test")
def test(
    file: File,
    scenarios: Annotated[
        Path | None,
        typer.Argument(
            help="Its scenarios; FILE.scenarios.yaml beside it when not said.", callback=only_files
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the scenarios of a policy, and say which clauses have none. Needs no home."""
    from threshold.policy.document import load
    from threshold.policy.scenarios import beside, differences, judged
    from threshold.policy.scenarios import load as load_scenarios

    read = load(file)
    found = load_scenarios(scenarios or beside(file), read)
    results = [(s, differences(read, s, judged(read, s))) for s in found.every]
    failed = sum(1 for _, different in results if different)
    without = found.without(read)
    if as_json:
        print_json(
            {
                "file": found.path,
                "scenarios": len(results),
                "failed": failed,
                "clauses_without": list(without),
                "results": [
                    {"name": s.name, "line": s.line, "differences": different} for s, different in results
                ],
            }
        )
    else:
        for scenario, different in results:
            for words in different:
                typer.echo(f"{found.path}, line {scenario.line}, {scenario.name}: {words}.")
        for clause in without:
            line = read.lines.get(f"clause {clause}", 1)
            typer.echo(f"{read.path}, line {line}, clause {clause}: no scenario is decided by it. Add one.")
        typer.echo(
            f"{len(results) - failed} of {len(results)} scenarios hold; {len(without)} clauses have none"
        )
    if failed or without:
        raise typer.Exit(SOMETHING_HELD)


@policy.command("describe")
def describe_file(file: File) -> None:
    """Tell a policy and its scenarios in Markdown, for people to read. Needs no home."""
    from threshold.policy.describe import describe
    from threshold.policy.document import load
    from threshold.policy.scenarios import beside
    from threshold.policy.scenarios import load as load_scenarios

    read = load(file)
    told = load_scenarios(beside(file), read) if beside(file).exists() else None
    typer.echo(describe(read, told), nl=False)


@policy.command("compare")
def compare(
    old: Which,
    new: Which,
    as_at: AsAt = None,
    as_user: As = None,
    as_json: AsJson = False,
) -> None:
    """Run a policy in the shadow over the caseload: who would move, by which clause, and at what cost."""
    from threshold.acts.access import Power
    from threshold.acts.verbs import look
    from threshold.enquiries.shadow import compare as run

    actor = person(as_user)
    with look(actor, "command policy compare", Power.ADOPT_POLICY, as_at=moment(as_at)) as seen:
        before, after = _policy(seen, old), _policy(seen, new)
        impact = run(seen, before, after)
    if as_json:
        print_json(_impact_as_json(before, after, impact))
        return
    console = Console()
    console.print(f"{impact.subjects:,} subjects on the lists of work; {impact.moved:,} would move.")
    table = Table("subjects", "from", "to", "by")
    for move in impact.moves:
        table.add_row(f"{move.subjects:,}", _band(move.before), _band(move.after), ", ".join(move.by))
    if impact.moves:
        console.print(table)
    bands = Table("band", "before", "after")
    for band in sorted({*impact.bands_before, *impact.bands_after}, reverse=True):
        before_n, after_n = impact.bands_before.get(band, 0), impact.bands_after.get(band, 0)
        bands.add_row(_band(band), f"{before_n:,}", f"{after_n:,}")
    console.print(bands)
    console.print(
        f"Usual work on the known bands: {_hours(impact.minutes_before)} before, {_hours(impact.minutes_after)} after."
    )
    console.print(
        f"Checks outstanding: {_hours(impact.checks_before)} before, {_hours(impact.checks_after)} after."
    )


def _policy(seen: OpenLook, which: str) -> Policy:
    """The policy in force, a proposal's, or that of a file."""
    from threshold.enquiries.adopting import WrongPolicy
    from threshold.enquiries.assess import policy_in_force, policy_of
    from threshold.enquiries.queries import policy_proposals
    from threshold.policy.document import load

    if which == IN_FORCE:
        return policy_in_force(seen.moment)
    if which.isdigit():
        found = next((p for p in policy_proposals(seen) if p.id == int(which) and p.text), None)
        if found is None:
            raise WrongPolicy(f"There is no open proposal {which} with a policy.")
        return policy_of(found.text)
    path = Path(which)
    only_files(path)
    return load(path)


def _band(ranks: tuple[int, int]) -> str:
    from threshold.policy.reasons import band_words

    known, could_be = ranks
    return band_words(known) if known == could_be else f"{band_words(known)}, could be {band_words(could_be)}"


def _hours(minutes: int | None) -> str:
    return "not stated" if minutes is None else f"{minutes / 60:,.0f} officer hours"


def _impact_as_json(old: Policy, new: Policy, impact: Impact) -> dict[str, Any]:
    from threshold.policy.model import band_name

    def pair(ranks: tuple[int, int]) -> dict[str, str]:
        return {"known": band_name(ranks[0]), "could_be": band_name(ranks[1])}

    def hours(minutes: int | None) -> float | None:
        return None if minutes is None else round(minutes / 60, 1)

    return {
        "old": {"name": old.name, "version": old.version, "digest": old.digest},
        "new": {"name": new.name, "version": new.version, "digest": new.digest},
        "subjects": impact.subjects,
        "moved": impact.moved,
        "moves": [
            {"from": pair(m.before), "to": pair(m.after), "by": list(m.by), "subjects": m.subjects}
            for m in impact.moves
        ],
        "bands": [
            {
                **pair(band),
                "before": impact.bands_before.get(band, 0),
                "after": impact.bands_after.get(band, 0),
            }
            for band in sorted({*impact.bands_before, *impact.bands_after}, reverse=True)
        ],
        "officer_hours": {"before": hours(impact.minutes_before), "after": hours(impact.minutes_after)},
        "check_hours": {"before": hours(impact.checks_before), "after": hours(impact.checks_after)},
    }


@policy.command("list")
def show_list(as_at: AsAt = None, as_user: As = None, as_json: AsJson = False) -> None:
    """Show every policy in the record: in force, about to be, earlier, and proposed; with the two who adopted it."""
    from threshold.acts.verbs import look
    from threshold.enquiries.queries import policies, policy_proposals

    with look(person(as_user), "command policy list", as_at=moment(as_at)) as seen:
        rows, proposals = policies(seen), policy_proposals(seen)
        now = seen.moment
    in_force = next((row.id for row in rows if row.from_at <= now), None)

    def state(row: Any) -> str:
        return "in force" if row.id == in_force else "begins later" if row.from_at > now else "earlier"

    if as_json:
        print_json(
            {
                "policies": [
                    {
                        "number": row.id, "name": row.name, "version": row.version, "digest": row.digest_text,
                        "from": row.from_at.isoformat(), "state": state(row),
                        "proposed_by": row.proposed_by, "approved_by": row.by_whom if row.proposed_by else None,
                    }
                    for row in rows
                ],
                "proposals": [
                    {
                        "number": p.id, "name": p.name, "version": p.version, "digest": p.digest_text,
                        "from": p.from_at.isoformat() if p.from_at else None, "withdraws": p.withdraws,
                        "proposed_by": p.proposed_by,
                    }
                    for p in proposals
                ],
            }
        )  # fmt: skip
        return
    table = Table("number", "policy", "state", "from", "adopted by")
    for row in rows:
        by = f"{row.proposed_by} and {row.by_whom}" if row.proposed_by else "came with this home"
        table.add_row(str(row.id), f"{row.name} {row.version}", state(row), in_uk(row.from_at), by)
    console = Console()
    console.print(table)
    for p in proposals:
        what = f"withdraw policy {p.withdraws}" if p.withdraws else f"from {in_uk(p.from_at)}"
        console.print(f"Proposal {p.id}: {p.name} {p.version}, {what}; by {p.proposed_by}.")


@policy.command("propose")
def propose(
    file: File,
    from_at: Annotated[
        str | None,
        typer.Option("--from", help="From when; when not said, the time that the document names."),
    ] = None,
    as_user: As = None,
) -> None:
    """Ask that a policy be put into force; it is checked first, and somebody else approves it."""
    from threshold.journey import policies
    from threshold.policy.document import load

    number = policies.propose(person(as_user), load(file), moment(from_at))
    typer.echo(f"proposal {number}: somebody else puts it into force with  threshold policy approve {number}")


@policy.command("withdraw")
def withdraw(number: Number, as_user: As = None) -> None:
    """Ask that a policy in force, or about to be, be withdrawn; somebody else approves it."""
    from threshold.journey import policies

    proposal = policies.propose_withdrawal(person(as_user), number)
    typer.echo(f"proposal {proposal}: somebody else withdraws it with  threshold policy approve {proposal}")


@policy.command("approve")
def approve(proposal: Number, as_user: As = None) -> None:
    """Approve somebody else's proposal; where another policy is then in force, everybody is worked out again."""
    from threshold.journey import policies

    typer.echo(f"approved; {policies.approve(person(as_user), proposal)} changed")


@policy.command("decline")
def decline(proposal: Number, as_user: As = None) -> None:
    """Decline a proposal, your own as well."""
    from threshold.journey import policies

    policies.decline(person(as_user), proposal)
    typer.echo("declined")
