"""Identifiers evened out for comparison: spelling only, never a guess, never a number read out of a text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from threshold.people import normalise

AT = datetime(2026, 11, 9, 21, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed",
    [
        "07700 900123",
        "07700-900-123",
        "(07700) 900123",
        " 07700900123 ",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "0044 7700 900123",
        "tel:+447700900123",
        "٠٧٧٠٠٩٠٠١٢٣",
        "０７７００９００１２３",
        "07700\u2011900\u2011123",
    ],
)
def test_a_telephone_number_is_one_however_it_is_written(typed: str) -> None:
    assert normalise.phone(typed) == "phone|+447700900123"


@pytest.mark.parametrize("typed", ["", "12", "0770HELLO00", "1-800-FLOWERS", "call 07700 900123", "a" * 600])
def test_what_is_no_telephone_number_is_compared_with_nothing(typed: str) -> None:
    assert normalise.phone(typed) is None


def test_people_behind_one_switchboard_are_told_apart() -> None:
    numbers = ("020 7946 0018 ext 4", "020 7946 0018 x5", "020 7946 0018")
    assert len({normalise.phone(number) for number in numbers}) == 3


@pytest.mark.parametrize(
    "typed", ["Alex@Mail.Example", " alex@mail.example\t", "ALEX@MAIL.EXAMPLE", "ａlex@mail.example"]
)
def test_an_e_mail_is_one_in_any_case(typed: str) -> None:
    assert normalise.email(typed) == "email|alex@mail.example"


@pytest.mark.parametrize("typed", ["", "alex", "@mail.example", "alex@mail", "a@b@mail.example", "@"])
def test_what_is_no_e_mail_is_compared_with_nothing(typed: str) -> None:
    assert normalise.email(typed) is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_two_accounts_are_one_only_when_written_the_same(one: str, other: str) -> None:
    keys = {normalise.account("Sender", "Chat", text) for text in (one, other)} - {None}
    named = {text.strip() for text in (one, other)}
    assert len(keys) == len({text for text in named if not normalise.says_nobody(text)})


def test_no_number_is_read_out_of_an_account() -> None:
    written = ["0070", "70", "70.0", "7e", "٧٠", "+70"]
    assert len({normalise.account("Sender", "Chat", text) for text in written}) == len(written)


def test_an_account_is_itself_only_within_its_sender_and_service() -> None:
    keys = {normalise.account(sender, service, "70") for sender in "AB" for service in ("x", "y", "")}
    assert len(keys) == 6


@pytest.mark.parametrize("empty", ["000000000000000", "00:00:00:00:00:00", "---", "", "12"])
def test_an_empty_device_number_is_compared_with_nothing(empty: str) -> None:
    assert normalise.device(empty) is None


KINDS = [
    "account", "email", "phone", "device", "screen_name", "display_name", "profile_url", "name", "address", "other",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS), st.text(max_size=600))
@example("email", "x" * 600 + "@mail.example")
@example("phone", "\x00")
def test_no_text_makes_it_fail_and_no_key_outgrows_an_index(kind: str, text: str) -> None:
    key = normalise.identifier(kind, text, "Sender", "Chat")
    assert key is None or (key.startswith(f"{kind}|") and len(key) <= normalise.LONGEST_KEY)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
@example("\x00")
@example("\ud800")
@example("ﬃ ß ŉ")
def test_any_text_can_be_typed_into_a_search(text: str) -> None:
    assert normalise.fold(text) == normalise.fold(f"  {text}\u200b ")
    assert all("|" in key for key in normalise.search_keys(text))


@pytest.mark.parametrize(
    ("address", "port", "at", "unfit"),
    [
        ("203.0.113.5", "50211", AT, None),
        ("203.0.113.5", None, AT, "cannot be resolved to one subscriber"),
        ("203.0.113.5", "0", AT, "cannot be resolved to one subscriber"),
        ("203.0.113.5", "70000", AT, "cannot be resolved to one subscriber"),
        ("203.0.113.5", "50211", None, "not fit for resolution"),
        ("10.0.0.1", "50211", AT, "not attributable"),
        ("127.0.0.1", "50211", AT, "not attributable"),
        ("elsewhere", "50211", AT, "not an internet address"),
        ("203.0.113.500", "50211", AT, "not an internet address"),
        ("[2001:db8::1]", None, AT, None),
        ("203.0.113.5", "x", AT, "cannot be resolved to one subscriber: what was given as its port is none"),
        ("203.0.113.5", " ", AT, "cannot be resolved to one subscriber: no port given"),
        ("::ffff:10.0.0.1", "50211", AT, "not attributable"),
    ],
)
def test_a_connection_says_why_it_cannot_be_resolved(
    address: str, port: str | None, at: datetime | None, unfit: str | None
) -> None:
    read = normalise.connection(address, port, at, None)
    assert (read.unfit or "").startswith(unfit or "") and bool(read.unfit) == bool(unfit)
    assert read.key is None or unfit is None


@pytest.mark.parametrize(
    "received",
    ["N/A", "0", "000", "anonymous", "[object Object]", "undefined", "1.122334455667789e+29", "1e3",
     " null ", "[REDACTED]", "#N/A", "Infinity", "-1", "1,12233E+17", "00000000-0000-0000-0000-000000000000",
     "????", "\ufffd\ufffd", "[media cut: hex of 200000 bytes]", "id [media cut: base64 of 900 bytes]",
     "[digest not taken out of the delivery]"],
)  # fmt: skip
def test_what_names_nobody_is_compared_with_nothing(received: str) -> None:
    assert normalise.identifier("account", received, "Sender", "Chat") is None
    assert normalise.identifier("device", received, "Sender", "Chat") is None


@pytest.mark.parametrize(
    "received", ["0070", "70", "1e", "123456789012345678", "1234567890123456800", "anonymous7"]
)
def test_an_unlikely_account_is_an_account_all_the_same(received: str) -> None:
    assert normalise.identifier("account", received, "Sender", "Chat") == f"account|sender|chat|{received}"


def test_a_browser_is_nobodys_device() -> None:
    for received in ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0)", "iPhone", "Dalvik/2.1.0", "Android 14"):
        assert normalise.identifier("device", received, "Sender", "Chat") is None
    assert normalise.identifier("device", "356938035643809", "Sender", "Chat") == "device|356938035643809"


def test_an_address_of_version_four_is_one_however_a_server_writes_it() -> None:
    plain, mapped = (
        normalise.connection(a, "50211", AT, None) for a in ("203.0.113.5", "::ffff:203.0.113.5")
    )
    assert plain == mapped and plain.key


def test_what_stands_for_something_cut_is_no_name_no_address_and_no_profile() -> None:
    for text in (
        "https://a.example/[digest not taken out of the delivery]",
        "Ann [media cut: hex of 9000 bytes]",
    ):
        assert not any(normalise.identifier(kind, text, "Sender", "Chat") for kind in KINDS)
        assert normalise.name_and_birth(text, AT.date()) is None
