"""A policy told to a reader, as Markdown: made of the document and its scenarios alone, so it is never out of date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from threshold.policy.combine import facts_of
from threshold.policy.interpret import judge
from threshold.policy.model import Band, Clause, For, Policy, Response
from threshold.policy.permit import permitted
from threshold.policy.reasons import band_words
from threshold.policy.scenarios import Scenario, Scenarios

MARKS = {
    "S": "read in a public source",
    "C": "computed from a public source",
    "R": "public knowledge, not checked against its text",
    "I": "our own judgement",
}
_FOR: dict[For, str] = {
    "adult": "an adult, established by an officer",
    "premises": "a home",
    "child": "a child, or signs of one",
    "anyone": "anybody",
}


def describe(policy: Policy, scenarios: Scenarios | None = None) -> str:
    told = scenarios.every if scenarios else ()
    return (
        "\n".join(
            [*_head(policy), *_bands(policy, told), *_responses(policy), *_facts(policy, told)]
        ).rstrip()
        + "\n"
    )


def _head(policy: Policy) -> Iterator[str]:
    dated = f", dated {policy.dated}" if policy.dated else ""
    yield f"Policy `{policy.name}`, version {policy.version}{dated}. Owner: {policy.owner}."
    yield ""


def _bands(policy: Policy, told: tuple[Scenario, ...]) -> Iterator[str]:
    for band in reversed(policy.bands):
        hours = f"; usual work {_hours(band.officer_minutes)}" if band.officer_minutes is not None else ""
        yield f"### {band_words(band.rank).capitalize()}: act within {band.clock}{hours}"
        yield ""
        clauses = [clause for clause in policy.clauses if clause.rank == band.rank]
        for clause in clauses:
            yield from _clause(policy, clause, told)
        if not clauses:
            yield "Whoever nothing puts higher, once nothing that is not known could."
            yield ""
            yield from _table(_in_band(policy, band, told))
    yield "### Not graded"
    yield ""
    yield "Nothing puts the person in a band yet, and something that is not known still could."
    yield ""
    yield from _table(s for s in told if s.expects.startswith("not_graded"))


def _clause(policy: Policy, clause: Clause, told: tuple[Scenario, ...]) -> Iterator[str]:
    yield f"**{_sentence(clause.reason)}** Clause `{clause.id}`: `{clause.condition}`"
    yield ""
    checked = f" Checked: {clause.checked}." if clause.checked else ""
    yield f"{_sentence(clause.source)} ({MARKS[clause.mark].capitalize()}.){checked}"
    yield ""
    yield from _table(s for s in told if clause.id in s.clauses)


def _in_band(policy: Policy, band: Band, told: tuple[Scenario, ...]) -> Iterator[Scenario]:
    return (s for s in told if judge(policy, facts_of(policy, s.said)).known == band.rank)


def _table(scenarios: Iterable[Scenario]) -> Iterator[str]:
    rows = list(scenarios)
    if not rows:
        return
    yield "| for example | what is said | band |"
    yield "|---|---|---|"
    for scenario in rows:
        yield f"| {scenario.name} | {_said(scenario)} | {scenario.expects.replace('_', ' ')} |"
    yield ""


def _said(scenario: Scenario) -> str:
    start = scenario.start + (f", but nothing of `{scenario.without}`" if scenario.without else "")
    return "; ".join([*([start] if start else []), *(f"`{line}`" for line in scenario.lines)]) or "nothing"


def _responses(policy: Policy) -> Iterator[str]:
    if policy.responses:
        yield "### What may be done"
        yield ""
        yield "Permitted when everything named is known to be so. What is not known is never permission."
        yield ""
    for response in policy.responses:
        yield from _response(response)
    for way, override in policy.overrides.items():
        needs = [
            *(["a reason"] if override.reason else []),
            *(["a second person"] if override.second_person else []),
        ]
        again = f"; looked at again after {override.review}" if override.review else ""
        yield f"- Override, {way}: {override.words.lower()}, needs {' and '.join(needs) or 'nothing more'}{again}."
    for floor in policy.floors:
        yield f"- After `{floor.after}`: {floor.words} (`{floor.condition}`: at least {floor.band.replace('_', ' ')})."
    yield ""


def _response(response: Response) -> Iterator[str]:
    second = ", with a second person" if response.second_person else ""
    yield (
        f"**{_sentence(response.words)}** `{response.id}`, for {_FOR[response.route]}; "
        f"{_hours(response.officer_minutes)}{second}; within {response.clock}."
    )
    yield ""
    if response.at_least:
        yield f"- the band is {response.at_least.replace('_', ' ')} or graver"
    if response.at_most:
        yield f"- the band is {response.at_most.replace('_', ' ')} or milder, and could not be graver"
    for condition in response.conditions:
        yield f"- {condition.words} (`{condition.condition}`)"
    if response.conditions or response.at_least or response.at_most:
        yield ""
    if response.steps:
        steps = (f"{step.words.lower()} ({step.clock} after it is {step.after})" for step in response.steps)
        yield f"Steps: {'; '.join(steps)}."
        yield ""
    yield f"{_sentence(response.source)} ({MARKS[response.mark].capitalize()}.)"
    yield ""


def _facts(policy: Policy, told: tuple[Scenario, ...]) -> Iterator[str]:
    yield "### What is asked"
    yield ""
    yield "| question | fact | looked into within | lapses | who can answer |"
    yield "|---|---|---|---|---|"
    for fact in policy.facts.values():
        lapses = f"after {fact.expires_days} days" if fact.expires_days else ""
        who = ", ".join(kind.id for kind in policy.enquiries if fact.name in kind.answers)
        yield f"| {fact.question} | `{fact.name}` | {fact.check or ''} | {lapses} | {who} |"
    yield ""
    if policy.enquiries:
        yield "| enquiry | of whom | work | usual days |"
        yield "|---|---|---|---|"
        for kind in policy.enquiries:
            work, days = f"{kind.officer_minutes} minutes", kind.usual_days
            yield f"| {kind.words} (`{kind.id}`) | {kind.asked_of} | {work} | {days} |"
        yield ""
    permitting = [s for s in told if s.permits or s.refuses]
    if permitting:
        yield "### For example, what is permitted"
        yield ""
        yield "| for example | route | band | permitted | of these not |"
        yield "|---|---|---|---|---|"
    for scenario in permitting:
        open_now = {
            each.response.id
            for each in permitted(policy, facts_of(policy, scenario.said), scenario.route)
            if each.permitted
        }
        yield (
            f"| {scenario.name} | {scenario.route.replace('_', ' ')} | {scenario.expects.replace('_', ' ')} | "
            f"{', '.join(r.id for r in policy.responses if r.id in open_now)} | {', '.join(scenario.refuses)} |"
        )


def _hours(minutes: int) -> str:
    hours = f"{minutes / 60:g}"
    return f"{hours} officer hour{'' if hours == '1' else 's'}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."
