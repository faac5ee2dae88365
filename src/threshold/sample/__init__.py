"""Fictional deliveries in every format that Threshold reads, with the truth apart (docs/sample.md). Pure.

``frequencies`` says how often what happens, ``fiction`` holds the names, numbers and addresses that are reserved
for fiction, ``world`` makes people, ``stories`` makes what is reported of them, ``writers`` put a report into a
format, and ``deliveries`` arranges files, later deliveries and the truth.
"""

from threshold.sample.deliveries import START, write_sample

__all__ = ["START", "write_sample"]
