"""The words on the page come from the document, and each sentence is true of the judgement it came from."""

from __future__ import annotations

from pathlib import Path

from generated import facts_for, policies
from hypothesis import given, settings
from hypothesis import strategies as st

from threshold.policy.combine import Among, Facts, Interval, facts_of
from threshold.policy.document import load
from threshold.policy.interpret import judge
from threshold.policy.model import FactRule, Words
from threshold.policy.reasons import band_words, could_be_higher_if, fact_words, headline, value_words, why

POLICY = load(Path(__file__).parents[2] / "policies" / "default.yaml")


def seen_once(**facts: object) -> Facts:
    return {**facts_of(POLICY, []), "times_seen": Interval(1), "worst_grade": Among("C", "C"), **facts}  # type: ignore[dict-item]


def test_a_fresh_report() -> None:
    facts = seen_once()
    judgement = judge(POLICY, facts)
    assert headline(judgement) == "Not graded, could be very high: 11 checks outstanding"
    assert [sentence.text for sentence in why(POLICY, judgement, facts)] == [
        "Not graded yet: nothing reported so far puts this person in a band, and 11 checks are outstanding."
    ]
    higher = {sentence.text: sentence.about for sentence in could_be_higher_if(POLICY, judgement, facts)}
    lives = "Could be very high if it turns out that this person lives with a child (not known)."
    seen = "Could be high if it turns out that the number of times this person was seen is 5 or more (now 1 or more)."
    assert higher[lives] == "lives_with_children"
    assert higher[seen] == "times_seen"


def test_why_names_the_clause_what_it_rests_on_and_every_other_that_holds() -> None:
    facts = seen_once(groomed=True, acts_toward_children=True, shared=True)
    judgement = judge(POLICY, facts)
    assert [(sentence.text, sentence.about) for sentence in why(POLICY, judgement, facts)] == [
        (
            "Very high, because there are signs of grooming, coercion, exploitation or making images.",
            "acts_toward_children",
        ),
        ("This person has acted toward a child, or made images.", "acts_toward_children"),
        ("This person groomed a child.", "groomed"),
        ("Also high, because material was shared with others.", "shared"),
    ]
    assert could_be_higher_if(POLICY, judgement, facts) == []


def test_an_answer_that_only_counts_with_another_says_so() -> None:
    facts = seen_once(earlier_warning=True)
    judgement = judge(POLICY, facts)
    higher = [s.text for s in could_be_higher_if(POLICY, judgement, facts) if s.about == "relevant_history"]
    assert higher == [
        "Could be very high if it turns out that there are earlier convictions or allegations (not known), "
        "together with other answers (access to children is not known; work and volunteering are not known).",
        "Could be high if it turns out that there are earlier convictions or allegations (not known).",
    ]


def test_low_and_one_check() -> None:
    facts: Facts = {**facts_of(POLICY, []), **dict.fromkeys(POLICY.checks, False)}
    facts |= {"times_seen": Interval(1, 1), "worst_grade": Among("C", "C")}
    assert headline(judge(POLICY, facts)) == "Low"
    facts["contact"] = None
    assert headline(judge(POLICY, facts)) == "Not graded, could be very high: 1 check outstanding"


def test_values_in_words() -> None:
    count = FactRule("n", "count", "", Words("not said", value="it is {value}"), "count")
    grade = FactRule(
        "g", "choice", "", Words("not said", value="it is {value}"), "worst", ("none", "C", "B", "A")
    )
    assert [value_words(count, Interval(*ends)) for ends in [(0, None), (2, None), (2, 2), (0, 3), (2, 3)]] == [
        "not known", "2 or more", "2", "no more than 3", "from 2 to 3",
    ]  # fmt: skip
    assert value_words(grade, Among("B", "A")) == "B or A"
    assert fact_words(grade, Among("none", "A")) == "not said"
    assert fact_words(count, Interval(0, 0)) == "it is 0"


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_no_sentence_promises_what_cannot_be(data: st.DataObject) -> None:
    policy = data.draw(policies()).policy
    facts = data.draw(facts_for(policy))
    judgement = judge(policy, facts)
    graver = tuple(
        f"Could be {band_words(rank)} if" for rank in range(judgement.known + 1, judgement.could_be + 1)
    )
    higher = could_be_higher_if(policy, judgement, facts)
    assert all(sentence.text.startswith(graver) for sentence in higher)
    assert {sentence.about for sentence in higher} <= set(judgement.open_facts)
    assert {sentence.about for sentence in why(policy, judgement, facts)} <= {
        "",
        *policy.facts,
        *judgement.holding,
    }
