"""The two rules by which the system joins by itself, over every combination of what two mentions share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations, product
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from threshold.intake.reading import Age, Connection, Identifier, Moment, Origin, ReadMention, ReadReport
from threshold.people import evidence
from threshold.people.drafting import draft_mention
from threshold.people.evidence import SAME_ACCOUNT, SENDER_SAYS, TWO_STRONG, LinkKey

VALUES = {
    "account": "u-1",
    "email": "same@mail.example",
    "phone": "07700 900123",
    "device": "356938035643809",
    "screen_name": "same",
    "display_name": "Same",
    "profile_url": "https://chat.example/same",
    "name": "Alex Example",
    "address": "1 Example Row, Testtown ZZ1 1ZZ",
}
STRONG = ("account", "email", "phone", "device")
ORIGINS: tuple[Origin, ...] = get_args(Origin)
BORN = Age("1990-01-31", "p", date(1990, 1, 31), date(1990, 1, 31), "official")


def identifier(kind: str, verified: bool | None = True, origin: Origin = "self") -> Identifier:
    return Identifier(kind, VALUES[kind], "p", "Chat", verified, origin)  # type: ignore[arg-type]


def joining(
    *identifiers: Identifier, batched: bool = False, ages: tuple[Age, ...] = (), **more: object
) -> list[LinkKey]:
    """The keys by which another mention that shares all of this would join."""
    role = more.pop("role", "reported")
    mention = replace(ReadMention(role, "p", identifiers, ages=ages), **more)  # type: ignore[arg-type]
    keys = draft_mention(ReadReport("p", "Sender", (mention,), batched=batched), mention).link_keys
    return [key for key in keys if key.rule != SENDER_SAYS]


@pytest.mark.parametrize("kind", [kind for kind in VALUES if kind != "account"])
def test_one_identifier_alone_never_joins(kind: str) -> None:
    for verified, origin in product((True, False, None), ORIGINS):
        assert not joining(identifier(kind, verified, origin))


def test_the_same_account_joins_unless_compromised() -> None:
    assert [key.rule for key in joining(identifier("account"))] == [SAME_ACCOUNT]
    assert not joining(identifier("account"), compromised=True)


@pytest.mark.parametrize(("one", "other"), list(combinations(VALUES, 2)))
def test_two_identifiers_join_only_when_strong_verified_and_independent(one: str, other: str) -> None:
    for (v1, o1), (v2, o2), batched, compromised in product(
        product((True, False, None), ORIGINS),
        product((True, False, None), ORIGINS),
        (True, False),
        (True, False),
    ):
        rules = {
            key.rule
            for key in joining(
                identifier(one, v1, o1), identifier(other, v2, o2), batched=batched, compromised=compromised
            )
        }

        def counts(kind: str, verified: bool | None, origin: Origin) -> bool:
            if kind in ("account", "device"):
                return verified is not False
            return kind in STRONG and (verified is True or (verified is None and origin == "official"))

        both_own = all(o == "self" and kind != "account" for kind, o in ((one, o1), (other, o2)))
        expected = (
            counts(one, v1, o1) and counts(other, v2, o2) and not both_own and not batched and not compromised
        )
        assert (TWO_STRONG in rules) == expected, (v1, o1, v2, o2, batched, compromised)


def test_two_of_one_kind_are_not_independent() -> None:
    first = identifier("email", True, "captured")
    assert not joining(first, replace(first, received="other@mail.example"))


@pytest.mark.parametrize(
    ("number", "joins"), [("01632 960123", 0), ("020 7946 0123", 0), ("07700 900123", 1)]
)
def test_a_household_s_telephone_and_device_join_nobody(number: str, joins: int) -> None:
    phone = replace(identifier("phone"), received=number)
    assert len(joining(phone, identifier("device", origin="captured"))) == joins


def test_a_long_number_that_may_have_lost_its_figures_joins_nobody() -> None:
    assert joining(replace(identifier("account"), received="1234567890123456789"))
    assert not joining(replace(identifier("account"), received="1234567890123456800"))


def test_an_identifier_that_lost_a_letter_is_compared_and_joins_nobody() -> None:
    for kind, text in (
        ("account", "user\ufffd"),
        ("device", "device-\ufffd-1234"),
        ("email", "a\ufffd@mail.example"),
    ):
        damaged = replace(identifier(kind, origin="captured"), received=text)
        assert not joining(damaged, replace(identifier("phone", origin="official")))
        [key] = evidence.keys_of("Sender", ReadMention(role="reported", place="", identifiers=(damaged,)))
        assert key


def test_an_official_name_with_birth_counts_as_one_and_with_another_joins() -> None:
    name = identifier("name", None, "official")
    assert not joining(name, ages=(BORN,))
    assert [k.rule for k in joining(name, identifier("phone", None, "official"), ages=(BORN,))] == [
        TWO_STRONG
    ]


@pytest.mark.parametrize(
    ("name", "age"),
    [
        (identifier("name", True, "self"), BORN),
        (identifier("name", None, "official"), replace(BORN, origin="self")),
        (identifier("name", None, "official"), replace(BORN, latest=date(1990, 12, 31))),
        (replace(identifier("name", None, "official"), received="Alex"), BORN),
    ],
)
def test_a_name_with_birth_that_is_stated_or_vague_joins_nobody(name: Identifier, age: Age) -> None:
    assert not joining(name, identifier("phone", None, "official"), ages=(age,))


def test_name_and_address_together_never_join() -> None:
    assert not joining(identifier("name", None, "official"), identifier("address", None, "official"))


def test_addresses_on_the_net_never_join() -> None:
    at = Moment("2026-11-09T21:14:05Z", datetime(2026, 11, 9, 21, 14, 5, tzinfo=UTC))
    same = (Connection("203.0.113.5", "p", "50211", at),)
    assert not joining(identifier("device"), connections=same)


def test_a_sender_s_say_so_is_kept_as_a_question_only() -> None:
    mention = ReadMention("reported", "p", prior_references=("777",))
    keys = draft_mention(ReadReport("p", "Sender", (mention,)), mention).link_keys
    assert [key.rule for key in keys] == [SENDER_SAYS]
    assert SENDER_SAYS not in evidence.AUTOMATIC


def test_reporters_are_joined_to_nobody() -> None:
    everything = [identifier(kind, True, "captured") for kind in VALUES]
    assert not joining(*everything, role="reporter")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_the_order_of_what_a_report_says_joins_nobody_else(data: st.DataObject) -> None:
    given_values = data.draw(
        st.lists(
            st.builds(
                identifier,
                st.sampled_from(STRONG),
                st.sampled_from([True, False, None]),
                st.sampled_from(ORIGINS),
            ),
            max_size=6,
        )
    )
    again = data.draw(st.permutations(given_values))
    assert set(joining(*given_values)) == set(joining(*again))
    # More said of a mention never takes a way of joining away.
    assert set(joining(*given_values[:-1])) <= set(joining(*given_values))
