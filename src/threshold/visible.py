"""Text from outside as it is shown, on pages and in terminals: nothing in it hides, and nothing in it commands."""

from __future__ import annotations

# Characters that turn the direction of what follows, so that a name reads as another.
_TURNS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def visible(text: str) -> str:
    """A text in which nothing hides: control characters as pictures or by number, turned direction by its number.

    Line breaks and tabs stay. The direction that letters have by themselves is left alone.
    """
    return "".join(map(_seen, text))


def _seen(character: str) -> str:
    number = ord(character)
    if number < 32 and character not in "\n\t":
        return chr(0x2400 + number)
    # 0x9B begins a command to a terminal as well as ESC [ does.
    return f"[U+{number:04X}]" if number in _TURNS or 0x7F <= number <= 0x9F else character
