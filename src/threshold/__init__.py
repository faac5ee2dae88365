"""Threshold: who has been reported, how grave it is, and what the right next step is."""

__version__ = "0.1.0"
