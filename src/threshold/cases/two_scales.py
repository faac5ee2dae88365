"""Two scales that are never added up: the danger to children, and the danger of suicide. Pure.

The same fact can lower the one and raise the other. "No previous" lowers the first; the study of those who died
found no earlier contact with police to raise the second (systematic review of 18 articles,
https://www.neuroscience.ox.ac.uk/publications/1173539 [S]). So they are shown apart, and the second has no band.
"""

from __future__ import annotations

from collections.abc import Mapping

from threshold.policy.combine import FactValue


def suicide_raised_by(facts: Mapping[str, FactValue], answers: Mapping[str, str]) -> list[str]:
    """What raises the danger of suicide, in sentences; ``answers`` are those given before contact, by question."""
    said = ["An investigation of this kind raises it by itself, most of all in the first 48 hours."]
    if facts.get("relevant_history") is False:
        said.append("No earlier contact with police: this lowers the other scale, and raises this one.")
    if facts.get("relevant_history") is None:
        said.append(
            "Whether there was earlier contact with police is not known: first contact would raise it."
        )
    if facts.get("position_of_trust") is True:
        said.append("A position of trust, and so much to lose.")
    if facts.get("lives_with_children") is True:
        said.append("A family that may be parted.")
    if answers.get("vulnerability") == "yes":
        said.append("Somebody there needs care or help that is not planned yet.")
    match answers.get("suicide"):
        case "yes":
            said.append("The assessment found a risk that no plan meets yet.")
        case "no":
            said.append("It was assessed, and a plan meets it. Assess again on each trigger date.")
        case "asked":
            said.append("Somebody was asked to assess it, and has not answered.")
        case _:
            said.append("It has not been assessed.")
    return said
