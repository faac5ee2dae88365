"""What a sender's fixed words mean in ours: the one place to look when a report was read too high or too low.

A claim states what was said and no more. A word that is absent makes no claim; it never makes a *no*.
Words are compared in lower case with single spaces (``same_words``).
"""

from __future__ import annotations

from dataclasses import dataclass

from threshold.intake.reading import ActivityKind


@dataclass(frozen=True, slots=True)
class IncidentMeaning:
    activity: ActivityKind
    claims: tuple[str, ...] = ()


NOT_STATED = IncidentMeaning("not_stated")

INCIDENT_TYPES: dict[str, IncidentMeaning] = {
    # The commonest type by far. It covers possession, manufacture and distribution at once, so by itself it
    # does not say what was done.
    "child pornography (possession, manufacture, and distribution)": NOT_STATED,
    # A child was spoken to for a sexual purpose.
    "online enticement of children for sexual acts": IncidentMeaning("groomed"),
    # An approach to a child; it says nothing of indecent images of children.
    "unsolicited obscene material sent to a child": IncidentMeaning("groomed"),
    "child sexual molestation": IncidentMeaning("contact"),
    "child sex trafficking": IncidentMeaning("contact", ("exploitation",)),
    # Travelling to abuse is treated as contact: the gravest reading of the type's own words.
    "child sex tourism": IncidentMeaning("contact"),
    # About how a site presents itself, not about what somebody did to a child.
    "misleading domain name": NOT_STATED,
    "misleading words or digital images on the internet": NOT_STATED,
}

# reportAnnotations: claims about the reported person.
REPORT_ANNOTATIONS: dict[str, str] = {
    "sextortion": "coerced_a_child",
    # The tag says that both sides are minors: a sign that the reported person is a child.
    "minorToMinorInteraction": "sign_of_child",
    "sadisticOnlineExploitation": "sadistic_exploitation",
    "spam": "spam",
}

# reportAnnotations that say what was done.
ANNOTATED_ACTIVITIES: dict[str, ActivityKind] = {"csamSolicitation": "solicited"}

# fileAnnotations: claims about the material.
FILE_ANNOTATIONS: dict[str, str] = {
    "animeDrawingVirtualHentai": "drawn_material",
    "potentialMeme": "viral_material",
    "viral": "viral_material",
    "possibleSelfProduction": "possible_self_produced",
    "physicalHarm": "violent_material",
    "violenceGore": "violent_material",
    "bestiality": "violent_material",
    "liveStreaming": "live_streamed",
    "infant": "infant_material",
    "generativeAi": "possibly_generated",
}

# industryClassification: the letter is age (A prepubescent, B pubescent), the figure the act (1 sex act,
# 2 lascivious exhibition). It is never converted into the grades that police use.
INDUSTRY_MODEL = "industry"
INDUSTRY_GRADES = frozenset({"A1", "A2", "B1", "B2"})


@dataclass(frozen=True, slots=True)
class Question:
    """A yes/no question of the police-side export. ``no_means_no``: a *no* answers our whole fact."""

    fact: str
    no_means_no: bool


POLICE_QUESTIONS: dict[str, Question] = {
    # No access to this one child says nothing about others.
    "accessToChildVictim": Question("access_to_children", no_means_no=False),
    "accessToChildren": Question("access_to_children", no_means_no=True),
    "accessToFirearms": Question("access_to_firearms", no_means_no=True),
    # History is wider than a conviction for a sexual offence.
    "convictedSexOffender": Question("relevant_history", no_means_no=False),
}

# relationshipToChildVictim: people who meet the child in life.
RELATIONS_WITH_ACCESS = frozenset(
    {
        "father", "mother", "parent", "guardian", "parent/guardian", "stepfather", "step-father", "stepmother",
        "step-mother", "step-parent", "brother", "sister", "sibling", "grandfather", "grandmother", "grandparent",
        "uncle", "aunt", "cousin", "family member", "relative", "foster parent", "babysitter", "teacher", "coach",
        "neighbor", "neighbour", "family friend", "clergy",
    }
)  # fmt: skip

# ncmecTags, where the export spells the file annotations out in words.
FILE_TAGS: dict[str, str] = {
    "anime": "drawn_material",
    "drawing": "drawn_material",
    "infant": "infant_material",
    "infant/toddler": "infant_material",
    "bestiality": "violent_material",
    "sadism/masochism": "violent_material",
    "violence/gore": "violent_material",
    "physical harm": "violent_material",
    "self-produced": "possible_self_produced",
    "possible self-production": "possible_self_produced",
    "live streaming": "live_streamed",
    "generative ai": "possibly_generated",
    "viral": "viral_material",
    "potential meme": "viral_material",
}
