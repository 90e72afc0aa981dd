"""Text that came from outside, made safe to print."""

from __future__ import annotations

import unicodedata

# Cc: C0 and C1 controls, ESC among them. Cf: bidi overrides, zero-width and other format characters.
# Cs: unpaired surrogates, which no stream can encode. Co, Cn: nobody knows how these look.
# Zl, Zp: line and paragraph separators, which some terminals and every `str.splitlines` break at.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def is_visible(character: str) -> bool:
    """Say whether one character shows as itself: no control, no bidi override, no unusual blank."""
    category = unicodedata.category(character)
    return category not in _INVISIBLE and (category != "Zs" or character == " ")


def escape(character: str) -> str:
    r"""Write one character as ``\uXXXX``, or as a pair of them beyond the basic plane, as JSON does."""
    number = ord(character)
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"


def escape_unencodable(error: UnicodeError) -> tuple[str, int]:
    """
    Escape what a stream's encoding lacks, as an error handler of `codecs`.

    JSON and the text language read such an escape as the character, so output stays readable to both.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(escape, error.object[error.start : error.end])), error.end


def visible(text: str) -> str:
    r"""
    Write *text* so that a reader sees every character of it, and a terminal obeys none.

    Controls, bidi overrides, zero-width characters, unpaired surrogates and every blank
    but the plain space come out as ``\uXXXX``. All other text, of any script, stays as it is.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if is_visible(c) else escape(c) for c in text)
