"""From an identifier as received to the form in which two can be compared. Pure, and never a guess.

Only spelling is evened out (case, spaces, the way a telephone number is written). No number is ever read
out of an identifier: the account ``0070`` is not the account ``70``. What cannot be compared gives None.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

import phonenumbers

from threshold.intake.media.markers import BEGINS as CUT
from threshold.intake.texts import NO_DIGEST

HOME_REGION = "GB"
_SPACES = re.compile(r"\s+")
_LETTERS = re.compile(r"[^\W\d_]")
_EXTENSION = re.compile(r"ext(?:n|ension)?|x|tel", re.IGNORECASE)


def fold(text: str) -> str:
    """Compatibility form, case folded, runs of white space made one; invisible format characters dropped."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return _SPACES.sub(" ", text).strip().casefold()


# How the key of an account begins when neither its sender nor its service is stated.
NOWHERE = ("account|not stated||", "account|||")


# What programs and people write where they have nothing to write: it is nobody's.
_FILLERS = frozenset(
    {
        "n/a", "na", "none", "null", "nil", "undefined", "nan", "unknown", "anonymous", "anon", "deleted", "redacted",
        "test", "guest", "default", "empty", "blank", "not available", "not known", "not provided", "not applicable",
        "object object", "true", "false", "infinity", "-infinity", "inf", "-inf", "-1", "#n/a", "#null!", "#ref!",
        "#value!", "#name?", "#num!", "#div/0!",
    }
)  # fmt: skip
_BRACKETS = "[](){}<>\"' "
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?e[+-]?\d+", re.IGNORECASE)
# What a letter becomes that a program could not read.
_LOST = "\ufffd"
# Text with nothing else in it is nobody's: noughts (the empty GUID too), strokes, letters that were lost.
_EMPTY = "0-:._?" + _LOST + _BRACKETS


def says_nobody(received: str) -> bool:
    """Whether a text stands where an identifier should and names nobody.

    It is a filler, what is left of a number or of letters, or what we put where media or a digest was: two long
    texts that were cut are not one for having been as long as each other.
    """
    text = fold(received)
    bare = text.strip(_BRACKETS)
    left_out = CUT in received or NO_DIGEST in received
    return left_out or bare in _FILLERS or not text.strip(_EMPTY) or bool(_SCIENTIFIC.fullmatch(bare))


def may_be_damaged(received: str) -> bool:
    """Whether a letter of it was lost, or it may be a long number whose last figures a program took for a fraction.

    Of true numbers of this length one in a hundred looks so, so that it is compared, and joins nobody by itself.
    """
    text = received.strip()
    rounded = text.isascii() and text.isdigit() and len(text) >= 17 and text.endswith("00")
    return rounded or _LOST in text


def account(sender: str, service: str, received: str) -> str | None:
    """An account is itself only within one sender and service; its own spelling is kept to the letter.

    What names nobody (see ``says_nobody``) is kept and shown, and compared with nothing.
    """
    own = received.strip()
    if says_nobody(own):
        return None
    return f"account|{fold(sender)}|{fold(service)}|{own}" if own else None


def email(received: str) -> str | None:
    text = _SPACES.sub("", fold(received))
    name, at, domain = text.rpartition("@")
    whole = at and name.strip("?" + _LOST) and "." in domain and "@" not in name
    return f"email|{text}" if whole else None


@lru_cache(maxsize=65_536)
def phone(received: str) -> str | None:
    """E.164, reading a number without a country code as one of the United Kingdom; None if impossible.

    People behind one switchboard are told apart by their extensions, so an extension stays. Letters are never
    read as digits.
    """
    try:
        number = phonenumbers.parse(received, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or _LETTERS.search(_EXTENSION.sub("", received)):
        return None
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"phone|{plain}" + (f" ext {number.extension}" if number.extension else "")


@lru_cache(maxsize=65_536)
def is_fixed_line(key: str) -> bool:
    """Whether the key of a telephone is of a line in a building, which a household shares.

    Numbers kept for fiction belong to no network; in the United Kingdom 01, 02 and 03 are such lines all the same.
    """
    number = phonenumbers.parse(key.removeprefix("phone|"))
    fixed = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE
    return fixed or (number.country_code == 44 and str(number.national_number)[:1] in "123")


def device(received: str) -> str | None:
    """A device as the sender names it; the name of a browser or a kind of telephone is no device of anybody's."""
    text = fold(received)
    if says_nobody(text) or _KIND_OF_DEVICE.search(text):
        return None
    return f"device|{text}" if len(text) >= 6 and set(text) - set("0-:. ") else None


_KIND_OF_DEVICE = re.compile(r"^[a-z]+/\d|\(|windows nt|android \d|iphone|like gecko")


def scoped_name(kind: str, sender: str, service: str, received: str) -> str | None:
    text = fold(received)
    return f"{kind}|{fold(sender)}|{fold(service)}|{text}" if text else None


def profile_url(received: str) -> str | None:
    text = received.strip()
    _, separator, rest = text.partition("://")
    if not separator or not rest:
        return None
    host, slash, path = rest.partition("/")
    return f"profile_url|{host.casefold()}{slash}{path}".rstrip("/")


def name(received: str) -> str | None:
    text = fold(received).replace(".", "").replace(",", " ")
    text = _SPACES.sub(" ", text).strip()
    return f"name|{text}" if text else None


def name_and_birth(received: str, born: date) -> str | None:
    plain = None if CUT in received or NO_DIGEST in received else name(received)
    # One word is not a name that, with a birthday, could mark one human being.
    return f"name_dob|{plain[5:]}|{born.isoformat()}" if plain and " " in plain else None


def address(received: str) -> str | None:
    text = re.sub(r"[^\w]+", "", fold(received))
    return f"address|{text}" if len(text) > 4 else None


# An index entry has a largest size; a longer identifier is kept and shown, and compared with nothing.
LONGEST_KEY = 500


def identifier(kind: str, received: str, sender: str, service: str) -> str | None:
    """The comparable key of one identifier, or None where there is none."""
    if CUT in received or NO_DIGEST in received:
        return None
    key = _key(kind, received, sender, service)
    return key if key is not None and len(key) <= LONGEST_KEY else None


def _key(kind: str, received: str, sender: str, service: str) -> str | None:
    match kind:
        case "account":
            return account(sender, service, received)
        case "email":
            return email(received)
        case "phone":
            return phone(received)
        case "device":
            return device(received)
        case "screen_name" | "display_name":
            return scoped_name(kind, sender, service, received)
        case "profile_url":
            return profile_url(received)
        case "name":
            return name(received)
        case "address":
            return address(received)
    return None


@dataclass(frozen=True, slots=True)
class ReadConnection:
    """A connection as it can be used: its comparable key, and why it cannot be resolved (None: it can be)."""

    key: str | None
    port: int | None
    unfit: str | None


def connection(
    address: str, port_text: str | None, at: datetime | None, problem: str | None
) -> ReadConnection:
    """Judge whether an address, port and instant can be resolved to one subscriber (formats.md section 7)."""
    try:
        ip = ipaddress.ip_address(address.strip().strip("[]"))
    except ValueError:
        return ReadConnection(None, None, "not an internet address")
    # Servers that listen for both write an address of version 4 as one of version 6: ::ffff:198.51.100.7.
    ip = getattr(ip, "ipv4_mapped", None) or ip
    port = int(port_text) if port_text and port_text.strip().isdecimal() else None
    if port is not None and not 0 < port < 65_536:
        port = None
    if at is None:
        return ReadConnection(None, port, f"not fit for resolution: {problem or 'no time given'}")
    if not ip.is_global and not _documentation(ip):
        return ReadConnection(None, port, "not attributable: a private or reserved address")
    net = str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False).network_address)
    key = f"connection|{net}|{port}|{at.astimezone(UTC):%Y-%m-%dT%H}" if port is not None else None
    if port is None and ip.version == 4:
        given = bool(port_text and port_text.strip())
        why = "what was given as its port is none" if given else "no port given"
        return ReadConnection(None, None, f"cannot be resolved to one subscriber: {why}")
    return ReadConnection(key, port, None)


_DOCUMENTATION = [
    ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


def _documentation(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Addresses reserved for documentation stand for real ones in samples and tests."""
    return any(ip.version == net.version and ip in net for net in _DOCUMENTATION)


def search_keys(typed: str) -> list[str]:
    """What a human may mean by a typed identifier: keys, each to be looked up."""
    keys = [email(typed), phone(typed), device(typed), profile_url(typed), name(typed), address(typed)]
    return [key for key in keys if key]


_WITH_PORT = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):(\d{1,5})")


def port_typed(typed: str) -> int | None:
    """The port of an internet address that is typed with one: ``198.51.100.7:51234``, ``[2001:db8::1]:443``."""
    found = _WITH_PORT.fullmatch(typed.strip())
    return int(found[1]) if found and found[1].isascii() else None


def address_spellings(typed: str) -> list[str]:
    """An internet address as it may have been received: as typed, without brackets, and each way to write it.

    A port after it is left out (see ``port_typed``).
    """
    port = port_typed(typed)
    text = typed.strip()
    text = (text if port is None else text.rpartition(":")[0]).strip("[]")
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return [text]
    spellings = [text, str(ip), ip.exploded, text.upper(), str(ip).upper(), ip.exploded.upper()]
    return list(dict.fromkeys(spellings))
