"""The next enquiry settles most for the least time. Pure: no database."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from threshold.enquiries.kinds import About, about, authority, kind_of, retention
from threshold.enquiries.next_best import offers
from threshold.journey.beginning import default_policy
from threshold.policy.model import Clock, EnquiryKind

EVERYTHING: set[About] = {"connection", "premises", "person", "report"}


def kind(name: str, answers: tuple[str, ...], minutes: int, days: int = 1) -> EnquiryKind:
    return EnquiryKind(name, name.title(), "somebody", answers, minutes, days, Clock(1, "days"))


def offered(*made: EnquiryKind, reach: dict[str, int], **more: object) -> list[object]:
    what: dict[str, About] = {each.id: "person" for each in made}
    given_in = {"have": EVERYTHING, "out": {}} | more
    return offers(made, what, reach, **given_in)  # type: ignore[arg-type, return-value]


def names(found: list[object]) -> list[str]:
    return [offer.kind.id for offer in found]  # type: ignore[attr-defined]


def test_what_settles_more_for_the_same_time_comes_first() -> None:
    found = offered(kind("one", ("a",), 10), kind("two", ("a", "b"), 10), reach={"a": 4, "b": 4})
    assert names(found) == ["two", "one"]


def test_what_settles_the_same_for_less_time_comes_first() -> None:
    found = offered(kind("slow", ("a",), 20), kind("quick", ("a",), 10), reach={"a": 2})
    assert names(found) == ["quick", "slow"]


def test_a_graver_check_counts_for_more() -> None:
    found = offered(kind("mild", ("a",), 10), kind("grave", ("b",), 10), reach={"a": 2, "b": 4})
    assert names(found) == ["grave", "mild"]


def test_ties_go_to_the_sooner_answer_and_are_explained() -> None:
    later, sooner = kind("later", ("a",), 10, days=5), kind("sooner", ("b",), 10, days=1)
    found = offered(later, sooner, kind("third", ("c",), 10, days=5), reach={"a": 4, "b": 4, "c": 4})
    assert names(found) == ["sooner", "later", "third"]
    assert [offer.tied for offer in found] == [  # type: ignore[attr-defined]
        "",
        "Settles as much a minute as Sooner, whose answer usually comes sooner.",
        "As good as Later: either may be asked first.",
    ]


def test_what_is_out_is_not_offered_again_and_its_checks_count_for_nobody_else() -> None:
    first, second = kind("first", ("a",), 10), kind("second", ("a", "b"), 10)
    found = offered(first, second, reach={"a": 4, "b": 4}, out={"first": 1}, answering={"a"})
    assert names(found) == ["second", "first"]
    assert found[0].settles == ("b",) and found[0].worth == Fraction(8, 10)  # type: ignore[attr-defined]
    assert found[1].asked == 1 and not found[1].can_be_asked  # type: ignore[attr-defined]


def test_what_there_is_nothing_to_ask_about_says_so_and_comes_last() -> None:
    found = offered(kind("named", ("a",), 10), reach={"a": 4}, have=set())
    assert found[0].missing == "no name is known" and not found[0].can_be_asked  # type: ignore[attr-defined]


def test_what_settles_nothing_is_not_offered() -> None:
    assert offered(kind("one", ("a",), 10), reach={"b": 4}) == []


@given(
    st.lists(st.tuples(st.sets(st.sampled_from("abcde")), st.integers(1, 60), st.integers(0, 9)), max_size=6),
    st.dictionaries(st.sampled_from("abcde"), st.integers(0, 4)),
)
def test_no_offer_is_worth_more_than_one_before_it(
    made: list[tuple[set[str], int, int]], reach: dict[str, int]
) -> None:
    every = [kind(f"k{n}", tuple(sorted(a)), m, d) for n, (a, m, d) in enumerate(made)]
    found = offered(*every, reach=reach)
    worths = [offer.worth for offer in found]  # type: ignore[attr-defined]
    assert worths == sorted(worths, reverse=True)
    assert all(offer.settles and set(offer.settles) <= set(reach) for offer in found)  # type: ignore[attr-defined]


def test_the_kinds_that_ship_answer_every_check_of_the_policy_that_ships() -> None:
    policy = default_policy()
    answered = {fact for each in policy.enquiries for fact in each.answers}
    assert set(policy.checks) <= answered
    assert about("subscriber") == "connection" and about("something new") == "person"
    assert kind_of(policy, "no such kind") is None
    assert "2016" in authority("subscriber") and authority("own_records") == authority("something new")
    assert retention().days == 365 and retention().source
