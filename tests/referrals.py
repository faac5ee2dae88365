"""Small fictional referrals as a sender writes them, for tests that need files to take in."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

INCIDENT = "Child Pornography (possession, manufacture, and distribution)"


def referral(
    account: str,
    *,
    first: str = "",
    last: str = "",
    email: str = "",
    phone: str = "",
    age: int | None = None,
    harmed: str = "",
    ip: str = "203.0.113.21",
    at: str = "2026-11-09T21:14:05Z",
    words: str = "",
) -> str:
    """One report in the clearing house's reporting XML; ``harmed`` is the account of a harmed child."""
    person = f"<firstName>{escape(first)}</firstName>" if first else ""
    person += f"<lastName>{escape(last)}</lastName>" if last else ""
    person += f'<phone verified="true">{phone}</phone>' if phone else ""
    person += f'<email verified="true">{email}</email>' if email else ""
    person += f"<age>{age}</age>" if age is not None else ""
    victim = (
        f"<victim><espIdentifier>{harmed}</espIdentifier><espService>Fictional Chat</espService></victim>"
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<report>
  <incidentSummary>
    <incidentType>{INCIDENT}</incidentType>
    <platform>Fictional Chat</platform>
    <incidentDateTime>{at}</incidentDateTime>
    <incidentDateTimeDescription>Time of upload on our server</incidentDateTimeDescription>
  </incidentSummary>
  <reporter>
    <reportingPerson><firstName>Robin</firstName><lastName>Example</lastName><email>safety@chat.example</email></reportingPerson>
    <companyTemplate>Fictional Chat Ltd</companyTemplate>
  </reporter>
  <personOrUserReported>
    <personOrUserReportedPerson>{person}</personOrUserReportedPerson>
    <espIdentifier>{account}</espIdentifier>
    <espService>Fictional Chat</espService>
    <ipCaptureEvent><ipAddress>{ip}</ipAddress><eventName>Login</eventName><dateTime>{at}</dateTime><port>50211</port></ipCaptureEvent>
  </personOrUserReported>
  {victim if harmed else ""}
  {f"<additionalInfo>{escape(words)}</additionalInfo>" if words else ""}
</report>
"""


def file_details(reference: str, file: str) -> str:
    """What a sender says of one file of a report."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<fileDetails>
  <reportId>{reference}</reportId>
  <fileId>{file}</fileId>
  <originalFileName>file.jpg</originalFileName>
  <fileViewedByEsp>true</fileViewedByEsp>
  <industryClassification>B2</industryClassification>
</fileDetails>
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files by name (which may hold folders) and give the folder back."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
