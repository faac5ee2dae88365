"""Published tools to the digit, at every boundary; refused outside their population; never "low" by silence."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threshold.policy.errors import PolicyError
from threshold.policy.tools.registry import SHIPPED, Tool, read_tool, read_tools
from threshold.policy.tools.scoring import (
    CannotBeScored,
    NotApplicable,
    Outcome,
    Person,
    in_plain_words,
    score,
)

TOOLS = read_tools(SHIPPED)
DC, IIC, CPORT, CASIC = (TOOLS[name] for name in ("osp_dc", "osp_iic", "cport", "casic"))
MAN = Person(adult_established=True, male=True, convicted=True)
NOTHING = {
    "contact_adult": 0, "contact_child": 0, "non_contact": 0, "age_at_start": 60,
    "age_at_last_sexual_sanction": 10, "all_sanctions": 1, "stranger": 0,
}  # fmt: skip


def points(**answers: int | None) -> int:
    found = score(DC, MAN, NOTHING | answers).score
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("item", "by_value"),
    [
        ("contact_adult", {0: 0, 1: 5, 2: 10, 3: 15, 4: 15, 40: 15}),
        ("contact_child", {0: 0, 1: 3, 2: 6, 3: 9, 4: 9, 40: 9}),
        ("non_contact", {0: 0, 1: 2, 2: 4, 3: 6, 4: 6, 40: 6}),
        ("age_at_last_sexual_sanction", {10: 0, 15: 0, 16: 5, 17: 5, 18: 10, 90: 10}),
        ("all_sanctions", {1: 0, 2: 6, 90: 6}),
        ("stranger", {0: 0, 1: 4, None: 0}),
        ("age_at_start", {age: 14 - (age - 18) // 3 for age in range(18, 60)} | {60: 0, 61: 0, 99: 0}),
    ],
)
def test_points_of_direct_contact(item: str, by_value: dict[int | None, int]) -> None:
    for value, expected in by_value.items():
        assert points(**{item: value}) == expected, (item, value)


def of_points(total: int) -> Outcome:
    """Answers that come to this many points: every number from 0 to 64 but those that none reach."""
    for adult in range(4):
        for child in range(4):
            for other in range(4):
                for last in (10, 16, 18):
                    for sanctions in (1, 2):
                        for stranger in (0, 1):
                            for age in (*range(18, 60, 3), 60):
                                answers = {
                                    "contact_adult": adult, "contact_child": child, "non_contact": other,
                                    "age_at_start": age, "age_at_last_sexual_sanction": last,
                                    "all_sanctions": sanctions, "stranger": stranger,
                                }  # fmt: skip
                                found = score(DC, MAN, answers)
                                if found.score == total:
                                    return found
    raise AssertionError(f"no answers come to {total}")


@pytest.mark.parametrize(
    ("total", "band", "rate"),
    [
        (0, "low", "0.00"), (10, "low", "0.09"), (21, "low", "0.51"), (22, "medium", "0.60"),
        (29, "medium", "1.80"), (30, "high", "2.11"), (35, "high", "4.57"), (36, "very_high", "5.31"),
        (40, "very_high", "9.61"), (50, "very_high", "34.46"), (64, "very_high", "83.12"),
    ],
)  # fmt: skip
def test_band_and_probability_of_direct_contact(total: int, band: str, rate: str) -> None:
    found = of_points(total)
    assert found.band == band
    assert f"{found.rate:.2f}" == rate


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(18, 99), st.integers(10, 99))
def test_the_formula_holds_for_any_points(adult: int, child: int, other: int, age: int, last: int) -> None:
    found = score(
        DC,
        MAN,
        NOTHING
        | {"contact_adult": adult, "contact_child": child, "non_contact": other, "age_at_start": age,
           "age_at_last_sexual_sanction": last},
    )  # fmt: skip
    assert found.score is not None and found.rate is not None
    expected = 0.0 if found.score == 0 else 100 / (1 + exp(8.633 - 0.1598 * found.score))
    assert found.rate == pytest.approx(expected, rel=1e-12)


def test_five_years_in_the_community_move_one_band_down_and_never_from_low() -> None:
    very_high = NOTHING | {"contact_adult": 3, "contact_child": 3, "age_at_start": 18}
    assert score(DC, MAN, very_high).reduced == "very_high"
    moved = score(DC, MAN, very_high | {"five_years_in_community": 1})
    assert (moved.band, moved.reduced) == ("very_high", "high")
    low = score(DC, MAN, NOTHING | {"five_years_in_community": 1})
    assert (low.band, low.reduced) == ("low", "low")


@pytest.mark.parametrize(
    ("image", "child", "adult", "other", "rate", "band"),
    [
        (2, 0, 0, 0, 10.31, "high"), (9, 9, 9, 9, 10.31, "high"), (1, 0, 0, 0, 3.328, "medium"),
        (1, 9, 9, 9, 3.328, "medium"), (0, 2, 0, 0, 0.926, "low"), (0, 9, 9, 9, 0.926, "low"),
        (0, 1, 0, 0, 0.634, "low"), (0, 1, 9, 9, 0.634, "low"), (0, 0, 1, 0, 0.281, "low"),
        (0, 0, 0, 1, 0.281, "low"), (0, 0, 9, 9, 0.281, "low"), (0, 0, 0, 0, 0, "low"),
    ],
)  # fmt: skip
def test_images_and_indirect_contact(
    image: int, child: int, adult: int, other: int, rate: float, band: str
) -> None:
    answers = {
        "image_sanctions": image, "contact_child": child, "contact_adult": adult, "non_contact": other,
    }  # fmt: skip
    found = score(IIC, MAN, answers)
    assert (found.rate, found.band) == (rate, band)


# --- who it is for --------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", [DC, IIC, CPORT, CASIC], ids=lambda tool: tool.name)
@pytest.mark.parametrize(
    ("person", "why"),
    [
        (replace(MAN, convicted=False), "not convicted"),
        (replace(MAN, convicted=None), "not known whether this person is convicted"),
        (replace(MAN, male=False), "a woman"),
        (replace(MAN, male=None), "the sex is not known"),
        (replace(MAN, adult_established=False), "not established that this person is an adult"),
    ],
)
def test_outside_the_population_there_is_no_result(tool: Tool, person: Person, why: str) -> None:
    with pytest.raises(NotApplicable, match=why) as refused:
        score(tool, person, {item.name: item.least for item in tool.items})
    assert "not applicable" in str(refused.value)


def test_kirat_is_never_worked_out() -> None:
    with pytest.raises(CannotBeScored, match="an officer brings"):
        score(TOOLS["kirat"], MAN, {})


# --- missing items ---------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [item.name for item in DC.items if item.not_known is None][:-1])
def test_direct_contact_needs_every_count_and_age(missing: str) -> None:
    with pytest.raises(CannotBeScored, match=missing):
        score(DC, MAN, NOTHING | {missing: None})


@pytest.mark.parametrize(
    ("item", "value"),
    [("age_at_start", 17), ("all_sanctions", 0), ("age_at_last_sexual_sanction", 9), ("stranger", 2)],
)
def test_what_cannot_be_right_is_refused(item: str, value: int) -> None:
    with pytest.raises(CannotBeScored, match="cannot be right"):
        score(DC, MAN, NOTHING | {item: value})


def test_cport_bears_one_missing_item_and_says_what_it_could_add() -> None:
    all_no = {item.name: 0 for item in CPORT.items}
    assert score(CPORT, MAN, all_no).score == 0
    assert score(CPORT, MAN, dict.fromkeys(all_no, 1)).score == 7
    one = score(CPORT, MAN, all_no | {"young": None})
    assert (one.score, one.could_be, one.missing) == (0, 1, ("young",))
    with pytest.raises(CannotBeScored, match="more than one item"):
        score(CPORT, MAN, all_no | {"young": None, "failed_release": None})


@pytest.mark.parametrize(("casic_score", "cport_score", "could_be"), [(2, 0, 1), (3, 1, 1), (6, 1, 1)])
def test_casic_stands_for_the_item_that_is_not_known(
    casic_score: int, cport_score: int, could_be: int
) -> None:
    casic = score(CASIC, MAN, {item.name: int(n < casic_score) for n, item in enumerate(CASIC.items)})
    assert casic.score == casic_score
    found = score(
        CPORT,
        MAN,
        {item.name: 0 for item in CPORT.items} | {"sexual_interest": None},
        {"casic": casic},
    )
    assert (found.score, found.could_be) == (cport_score, could_be)


def test_no_rate_is_printed_from_an_empty_table() -> None:
    for tool in (CPORT, CASIC):
        found = score(tool, MAN, {item.name: 1 for item in tool.items})
        assert found.rate is None and "empty until your force fills it in" in found.no_rate
        assert found.band is None


def test_a_force_fills_the_table_in() -> None:
    text = (SHIPPED / "cport.yaml").read_text().replace("rates: {}", "rates: {0: 3, 7: 41}")
    filled = read_tool(text.encode(), "cport.yaml")
    all_no = {item.name: 0 for item in filled.items}
    assert score(filled, MAN, all_no).rate == 3
    assert score(filled, MAN, dict.fromkeys(all_no, 1)).rate == 41
    assert score(filled, MAN, all_no | {"young": 1}).rate is None
    assert filled.digest != CPORT.digest


# --- what it says of itself -------------------------------------------------------------------------


def test_each_says_how_well_it_tells_people_apart_or_that_it_is_not_known() -> None:
    assert "about 73 times in 100" in in_plain_words(CPORT) and "956" in in_plain_words(CPORT)
    assert "give no AUC" in in_plain_words(DC)
    assert "about 1 in 8" in in_plain_words(TOOLS["kirat"])
    assert all(tool.source and tool.licence and tool.version and tool.limits for tool in TOOLS.values())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("kind: first_match", "kind: guess", "not known here"),
        ("item: image_sanctions, at_least: 2", "item: videos, at_least: 2", "videos is not an item"),
        ("band: high", "band: dire", "not known here"),
        ("rate: 10.31", "rate: high", "cannot be read"),
    ],
)
def test_an_error_in_a_tool_says_where(old: str, new: str, reason: str) -> None:
    text = (SHIPPED / "osp_iic.yaml").read_text()
    assert old in text
    with pytest.raises(PolicyError, match=reason):
        read_tool(text.replace(old, new).encode(), "mine.yaml")
