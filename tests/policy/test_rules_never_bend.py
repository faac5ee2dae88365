"""Unknown is never low, the gravest clause decides, learning only narrows: for made-up policies and facts."""

from __future__ import annotations

from dataclasses import replace

from generated import facts_for, policies, statements
from hypothesis import given, settings
from hypothesis import strategies as st

from threshold.policy.combine import Among, FactValue, Interval, Said, facts_of, unknown
from threshold.policy.interpret import Judgement, evaluate, judge
from threshold.policy.model import FactRule, Policy

OFTEN = settings(deadline=None, max_examples=50)


def within(policy: Policy, inner: FactValue, outer: FactValue, name: str) -> bool:
    """Everything that the inner value may be, the outer may be too."""
    if isinstance(inner, Interval) and isinstance(outer, Interval):
        high = outer.at_most
        return inner.at_least >= outer.at_least and (
            high is None or (inner.at_most is not None and inner.at_most <= high)
        )
    if isinstance(inner, Among) and isinstance(outer, Among):
        place = policy.facts[name].values.index
        return place(inner.at_least) >= place(outer.at_least) and place(inner.at_most) <= place(outer.at_most)
    return outer is None or inner is outer


def lowest(judgement: Judgement) -> int:
    """The mildest that a judgement leaves open: who is not graded may yet be low."""
    return max(judgement.known, 1)


@st.composite
def narrower(draw: st.DrawFn, fact: FactRule, value: FactValue) -> FactValue:
    """A value that says no less than this one."""
    match value:
        case Interval(low, high):
            new_low = draw(st.integers(low, low + 5 if high is None else high))
            new_high = draw(st.integers(new_low, new_low + 5 if high is None else high))
            return Interval(new_low, high if high is None and draw(st.booleans()) else new_high)
        case Among(low_value, high_value):
            low, high = (fact.values.index(end) for end in (low_value, high_value))
            new_low = draw(st.integers(low, high))
            return Among(fact.values[new_low], fact.values[draw(st.integers(new_low, high))])
        case None:
            return draw(st.sampled_from([True, False, None]))
        case _:
            return value


@OFTEN
@given(st.data())
def test_forgetting_a_fact_never_lowers_the_top(data: st.DataObject) -> None:
    policy = data.draw(policies()).policy
    facts = data.draw(facts_for(policy))
    before = judge(policy, facts)
    for name, fact in policy.facts.items():
        after = judge(policy, {**facts, name: unknown(fact)})
        assert after.could_be >= before.could_be
        assert after.known <= before.known


@OFTEN
@given(st.data())
def test_learning_never_widens_a_band(data: st.DataObject) -> None:
    policy = data.draw(policies()).policy
    facts = data.draw(facts_for(policy))
    learned = {name: data.draw(narrower(policy.facts[name], value)) for name, value in facts.items()}
    before, after = judge(policy, facts), judge(policy, learned)
    assert lowest(after) >= lowest(before)
    assert after.known >= before.known
    assert after.could_be <= before.could_be
    for clause in policy.clauses:
        was = evaluate(policy, clause.expression, facts)
        assert was is None or evaluate(policy, clause.expression, learned) is was


@OFTEN
@given(st.data())
def test_low_is_known_only_when_nothing_could_raise_it(data: st.DataObject) -> None:
    policy = data.draw(policies()).policy
    facts = data.draw(facts_for(policy))
    judgement = judge(policy, facts)
    truths = [evaluate(policy, clause.expression, facts) for clause in policy.clauses]
    assert (judgement.known == 1) == all(truth is False for truth in truths)
    assert (judgement.known == 0) == (True not in truths and None in truths)
    assert judgement.could_be >= 1 and judgement.known <= judgement.could_be
    assert bool(judgement.could) == (judgement.could_be > judgement.known) or judgement.known == 0
    if judgement.could:
        assert judgement.open_facts


@OFTEN
@given(st.data())
def test_the_gravest_clause_decides(data: st.DataObject) -> None:
    policy = data.draw(policies()).policy
    judgement = judge(policy, data.draw(facts_for(policy)))
    assert all(policy.clause(name).rank <= judgement.known for name in judgement.holding)
    assert all(policy.clause(name).rank == judgement.known for name in judgement.deciding)
    assert bool(judgement.deciding) == bool(judgement.holding)


@OFTEN
@given(st.data())
def test_only_open_facts_can_raise_the_band(data: st.DataObject) -> None:
    """Learning anything about facts that are not called open leaves the known band where it is, or rules it in."""
    policy = data.draw(policies()).policy
    facts = data.draw(facts_for(policy))
    before = judge(policy, facts)
    learned = {
        name: value if name in before.open_facts else data.draw(narrower(policy.facts[name], value))
        for name, value in facts.items()
    }
    assert judge(policy, learned).known in {before.known, 1 if before.known == 0 else before.known}


# --- the same of what was said ---------------------------------------------------------------------


def not_known(row: Said) -> Said:
    return Said(row.fact, False, row.as_of, row.number, possible=row.possible)


@OFTEN
@given(st.data())
def test_not_known_in_the_place_of_any_statement_never_lowers_the_top(data: st.DataObject) -> None:
    policy = data.draw(policies()).policy
    said = data.draw(statements(policy))
    before = facts_of(policy, said)
    for place, row in enumerate(said):
        after = facts_of(policy, [*said[:place], not_known(row), *said[place + 1 :]])
        assert all(within(policy, before[name], after[name], name) for name in policy.facts)
        assert judge(policy, after).could_be >= judge(policy, before).could_be


@OFTEN
@given(st.data())
def test_a_possible_link_only_opens(data: st.DataObject) -> None:
    policy = data.draw(policies()).policy
    own = data.draw(statements(policy))
    other = [replace(row, number=row.number + 100) for row in data.draw(statements(policy, possible=True))]
    before, after = facts_of(policy, own), facts_of(policy, own + other)
    assert judge(policy, after).could_be >= judge(policy, before).could_be
    for name, fact in policy.facts.items():
        was, now = before[name], after[name]
        assert within(policy, was, now, name)
        if fact.kind == "count":
            assert isinstance(was, Interval) and isinstance(now, Interval) and was.at_least == now.at_least
        if fact.kind == "choice":
            assert isinstance(was, Among) and isinstance(now, Among) and was.at_least == now.at_least
        if fact.kind == "yes_no":
            assert was is not True or now is True


@OFTEN
@given(st.data())
def test_a_possible_link_changes_nothing_known_where_more_is_only_graver(data: st.DataObject) -> None:
    """Of a policy without NOT and without upper ends, as the one that ships: the known band never moves."""
    policy = data.draw(policies(positive=True)).policy
    facts_only = [name for name, fact in policy.facts.items() if fact.kind != "range"]
    own = [row for row in data.draw(statements(policy)) if row.fact in facts_only]
    other = [row for row in data.draw(statements(policy, possible=True)) if row.fact in facts_only]
    before, after = judge(policy, facts_of(policy, own)), judge(policy, facts_of(policy, own + other))
    assert after.holding == before.holding


@OFTEN
@given(st.data())
def test_more_said_never_lowers_the_known_band_where_more_is_only_graver(data: st.DataObject) -> None:
    """Taking back a statement of such a policy, whichever it was, never puts anybody in a graver known band.

    Low is the exception: it is known only because of what was said, and falls back to not graded. Latest is
    another: its last word can be a no.
    """
    policy = data.draw(policies(positive=True)).policy
    grows = [n for n, fact in policy.facts.items() if fact.kind != "range" and fact.combine != "latest"]
    said = [row for row in data.draw(statements(policy)) if row.fact in grows]
    holding = set(judge(policy, facts_of(policy, said)).holding)
    for place in range(len(said)):
        fewer = judge(policy, facts_of(policy, said[:place] + said[place + 1 :]))
        assert set(fewer.holding) <= holding


@OFTEN
@given(st.data())
def test_a_confirmed_link_never_surprises(data: st.DataObject) -> None:
    """When a possible link is confirmed, the band that comes lies within what the possible link had opened."""
    policy = data.draw(policies()).policy
    rows = data.draw(statements(policy))
    if any(fact.combine == "latest" for fact in policy.facts.values()):
        rows = [
            row for row in rows if row.fact in policy.facts and policy.facts[row.fact].combine != "latest"
        ]
    apart = judge(policy, facts_of(policy, rows))
    joined = judge(policy, facts_of(policy, [replace(row, possible=False) for row in rows]))
    assert joined.could_be <= apart.could_be


@OFTEN
@given(st.data())
def test_the_order_of_statements_does_not_matter(data: st.DataObject) -> None:
    policy = data.draw(policies()).policy
    said = data.draw(statements(policy))
    assert facts_of(policy, data.draw(st.permutations(said))) == facts_of(policy, said)
