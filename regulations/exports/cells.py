"""Cells of events.csv that no spreadsheet runs as a formula.

A program that splits at semicolons or tabs, as many do by their country, finds cells inside of ours, so what follows
one of those is treated like the start of a cell.
"""

import re
import unicodedata

_PLAIN = re.compile(r"[A-Za-z0-9][ -:<-~]*")  # most texts: nothing to look at more closely
_BREAKS = re.compile(r"([;\t\r\n])")


def text_cell(text: str | None) -> str:
    """A text as a cell: `'` stands before whatever would start a formula, and NUL is shown as a replacement mark."""
    if not text or _PLAIN.fullmatch(text):
        return text or ""
    text = text.replace("\x00", "\ufffd")
    inside = "".join(f"'{piece}" if _starts_formula(piece) else piece for piece in _BREAKS.split(text))
    needs_more = text[0] in "\t\r" or (_starts_formula(text) and inside[0] != "'")
    return f"'{inside}" if needs_more else inside


def json_cell(text: bytes) -> str:
    """A JSON text as a cell. It begins with a bracket or a word, and semicolons inside strings are written \\u003b."""
    for sign, instead in ((b"\n", b" "), (b"\r", b" "), (b"\t", b" "), (b";", b"\\u003b")):
        text = text.replace(sign, instead)
    return text.decode()


def _starts_formula(piece: str) -> bool:
    """Whether the first sign that shows, quotes aside, is = + - or @, in any of its widths."""
    for sign in piece:
        if sign == '"' or sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf"):
            continue
        return unicodedata.normalize("NFKC", sign)[:1] in ("=", "+", "-", "@", "\u2212")
    return False
