"""Media is cut out of a delivery here, unread, before anything is written (design.md section 3, rule 1)."""

from threshold.intake.media.cutting import CutResult, cut_media
from threshold.intake.media.kinds import media_kind
from threshold.intake.media.markers import marker

__all__ = ["CutResult", "cut_media", "marker", "media_kind"]
