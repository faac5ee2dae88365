"""Names, numbers and addresses that belong to nobody: all that the sample writes comes from here.

Telephone numbers are from the ranges that Ofcom keeps for drama; internet addresses from those kept for
documentation (RFC 5737, RFC 3849), beside private and carrier-shared ones (RFC 1918, RFC 6598), which are nobody's
in particular; domains from RFC 2606. Postcodes are of the area ZZ with the districts 1 to 9: there is no such area,
and the pseudo-codes of the health service, which also begin with ZZ, are all of the district ZZ99. Streets and the
town are named so that none can be looked for. Surnames are put together from two halves.
"""

from __future__ import annotations

import random

MOBILE = "07700 900"
# The rest of Ofcom's ranges for drama: what stands before the last three digits.
LANDLINES = (
    "020 7946 0", "0113 496 0", "0114 496 0", "0115 496 0", "0116 496 0", "0117 496 0", "0118 496 0", "0121 496 0",
    "0131 496 0", "0141 496 0", "0151 496 0", "0161 496 0", "0191 498 0", "01632 960", "028 9649 6", "029 2018 0",
)  # fmt: skip
RANGES = (MOBILE, *LANDLINES)
NUMBERS = 1000 * len(RANGES)

MAIL_DOMAINS = ("mail.example", "post.example", "example.org", "example.com", "example.net", "inbox.invalid")
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")

FIRST_NAMES = (
    "Ada", "Alby", "Ardel", "Bevan", "Brid", "Carlo", "Cerys", "Dale", "Dorit", "Edda", "Elwin", "Fenn", "Gorran",
    "Hale", "Ines", "Ivo", "Jory", "Kerra", "Lowen", "Mabli", "Nessa", "Orrin", "Pasco", "Quill", "Rowan", "Sabra",
    "Tamsin", "Ulla", "Vesna", "Wenna", "Yestin", "Zennor",
)  # fmt: skip
_FIRST_HALVES = (
    "Brack", "Cold", "Dray", "Elder", "Fallow", "Gorse", "Hazel", "Ink", "Jessa", "Kestle", "Larch", "Mossen",
    "Nettle", "Ould", "Pebble", "Quarrel", "Rushen", "Saffer", "Thistle", "Under", "Vetch", "Wexen", "Yarrow",
)  # fmt: skip
_SECOND_HALVES = (
    "acre", "bourne", "combe", "dyke", "fold", "garth", "hollow", "keld", "latch", "mere", "nook", "pike", "ridding",
    "shaw", "thwaite", "wick",
)  # fmt: skip
# Right to left; the surnames say "the example" and "of the example".
RIGHT_TO_LEFT = (("ليلى", "المثال"), ("سامي", "بن المثال"), ("נועה", "הדוגמה"), ("אורי", "בן־דוגמה"))
LONG = (
    ("Maximiliana Theodora Wilhelmina-Josephine", "Brackenthwaite-Underhollow-Quarrelridding y Pebblecombe"),
    ("Ó'Fallowdyke-na-Mossennook", "ap Gorsegarth Fitz-Thistlebourne of the Example"),
)
STREETS = (
    "Example Row", "Sample Court", "Testing Lane", "Fiction Terrace", "Placeholder Close", "Nowhere Street",
    "Specimen Gardens", "Invented Way",
)  # fmt: skip
TOWN = "Testtown"


def phone(number: int) -> str:
    """The n-th number for drama, as the United Kingdom writes it. All differ while n is below ``NUMBERS``."""
    # A stride that has no factor in common with their count spreads mobiles and landlines evenly.
    spread = number * 7919 % NUMBERS
    return f"{RANGES[spread // 1000]}{spread % 1000:03d}"


def written_phone(chance: random.Random, number: str) -> str:
    """The same number in one of the ways in which people write it."""
    area, _, rest = number.partition(" ")
    digits = rest.replace(" ", "")
    return chance.choice(
        (
            number,
            f"{area}{digits}",
            f"+44 {area[1:]} {rest}",
            f"+44{area[1:]}{digits}",
            f"0044 {area[1:]} {rest}",
            f"({area}) {digits[:3]}-{digits[3:]}",
        )
    )


def surname(chance: random.Random) -> str:
    return chance.choice(_FIRST_HALVES) + chance.choice(_SECOND_HALVES)


def address(household: int) -> tuple[str, str, str]:
    """House and street, town, postcode of a household; no two households have the same until millions."""
    street = STREETS[household // 200 % len(STREETS)]
    letters = "ABDEFGHJLN"
    sector = household // 1600
    inward = f"{sector // 9 % 10}{letters[sector // 90 % 10]}{letters[sector // 900 % 10]}"
    return f"{household % 200 + 1} {street}", TOWN, f"ZZ{sector % 9 + 1} {inward}"


def ipv4(chance: random.Random) -> str:
    return f"{chance.choice(NETWORKS)}.{chance.randint(1, 254)}"


def ipv6(household: int) -> str:
    """An address in a network of the household's own."""
    return f"2001:db8:{household // 65536:x}:{household % 65536:x}::{household % 9 + 1:x}"


def unattributable(chance: random.Random) -> str:
    """Private, or shared by a carrier's customers: what a service logs behind its own equipment."""
    return chance.choice(("192.168.1.", "10.20.30.", "100.64.7.")) + str(chance.randint(2, 250))


def misspelt(chance: random.Random, name: str) -> str:
    """Two letters changed about, as in typing."""
    if len(name) < 4:
        return name
    at = chance.randrange(1, len(name) - 2)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
