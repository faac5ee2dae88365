"""How often what happens: the one place to look, and to change.

Every figure is INVENTED unless its comment names a source. They were chosen so that the sample has the shape that
practitioners describe (most seen once and viewing, few in contact with a child) and so that whatever a reader has
to survive comes up in a few hundred people. They are not estimates of anything and must never be quoted as such.
"""

from __future__ import annotations

# A deck of a hundred stories, shuffled and dealt until there are people enough. So the shares are kept in every
# hundred, and a rare story comes up in a small sample too.
STORIES = {
    "seen_once": 55,
    "seen_again": 11,
    "shared": 7,
    # Over half of recorded child sexual abuse offences in 2023 were by children of 10 to 17 (115,489 offences;
    # national analysis of police recorded crime). Reports by industry rarely know an age, so far fewer here.
    "made_by_children": 7,
    "groomed": 5,
    "family": 4,
    "coerced": 3,
    "impersonated": 2,
    "taken_over": 2,
    "look_alike": 2,
    "contact": 1,
    "bundle": 1,
}

BUNDLE = (8, 30)  # accounts in one bundle about something that went round
REPORTS_AGAIN = (2, 4)  # reports of somebody who is seen again
HARMED_BY_COERCION = (1, 3)

# By which road a report comes, where all roads can carry it.
ROADS = {
    "file": 25,
    "together": 13,
    "zip": 7,
    "talk": 18,
    "export": 20,
    "packages": 9,
    "workbook": 4,
    "hotline": 4,
}

# What becomes of a report later: shares of all reports.
RESENT_SAME_BYTES = 0.05
RESENT_IN_ANOTHER_FILE = 0.03
CORRECTED = 0.04
BY_A_SECOND_ROAD = 0.05
# Of the reports that the clearing house had in 2023, about 63,900 of 36.2 million were escalated as urgent, which
# is 0.2 %; here more, so that a small sample has some.
URGENT = 0.03

# Who they are.
AGES_OF_ADULTS = (19, 74)
AGES_OF_CHILDREN = (10, 17)
ADULT_SINCE_THE_REPORT = 0.02  # came of age between the activity and the delivery
LONG_NAME = 0.01
RIGHT_TO_LEFT_NAME = 0.06
HAS_PHONE = 0.45
HAS_DEVICE = 0.35

# What a report says of somebody.
SAYS_NAME = 0.4
MISSPELT = 0.1
SAYS_EMAIL = 0.6
EMAIL_VERIFIED = 0.7
SAYS_PHONE = 0.6
PHONE_VERIFIED = 0.7
SAYS_DEVICE = 0.6
SAYS_SCREEN_NAME = 0.7
SAYS_ADDRESS = 0.15
SAYS_CONNECTION = 0.9
SAYS_PRIOR = 0.5
SCREEN_NAME_ALONE = 0.05
AGE_OF_ADULT = {"": 60, "born": 18, "age": 12, "year": 5, "unclear": 3, "words": 2}
AGE_OF_CHILD = {"": 30, "age": 35, "born": 15, "words": 12, "about": 5, "adult": 3}
CLAIMS_TO_BE_A_CHILD = 0.4  # of those who groom

# Connections and times.
IPV6 = 0.3
NO_PORT = 0.25
PRIVATE_OR_SHARED = 0.04
LOGINS = {1: 60, 2: 25, 3: 15}
TIME_FORMS = {"Z": 72, "+00:00": 8, "+01:00": 5, "fraction": 5, "no zone": 7, "-05:00": 3}
TABLE_TIME_FORMS = {"dmy": 76, "12-hour": 10, "mdy": 7, "no time": 7}
NEAR_A_CHANGE_OF_CLOCKS = 0.03

# Quirks of senders.
BYTE_ORDER_MARK = 0.05
UNKNOWN_ELEMENT = 0.08
FLAG_AS_TEXT = 0.3
BOOLEAN_AS_TEXT = 0.15
NULL_CONTAINER = 0.5
FILES_AS_LIST = 0.3
VIEWED_BY_SENDER = {"true": 45, "false": 25, "": 30}
GRADES = {"": 50, "A1": 8, "A2": 10, "B1": 12, "B2": 20}
FILE_SIGNS = {
    "": 70,
    "viral": 8,
    "possibleSelfProduction": 8,
    "potentialMeme": 5,
    "generativeAi": 4,
    "infant": 3,
}
