"""What several commands read in the same way: brands, secrets on standard input, whole numbers."""

import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable
from getpass import getpass

from django.core.management.base import CommandError

from privacy_portal.brands.models import Brand


def brand_at(path: str) -> Brand:
    """The brand of "client/account/BRAND"; CommandError says how to make it or which ones there are."""
    brand = Brand.objects.at(path).first()
    if brand is None:
        known = ", ".join(map(str, Brand.objects.all()[:10])) or "none yet"
        raise CommandError(f"There is no brand {path}: create_brand makes one (there are: {known}).")
    return brand


def brands_at(paths: Iterable[str]) -> list[Brand]:
    return [brand_at(path) for path in paths]


def line_from_stdin(what: str) -> str:
    """One line of standard input; asked for without echo when a person types it."""
    try:
        line = getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline()
        line.encode()  # in the locale of a container Python lets bytes of no character pass
    except UnicodeError:
        raise CommandError(f"The {what} on standard input must be UTF-8 text.") from None
    if not (line := line.rstrip("\r\n")):
        raise CommandError(f"There is no {what} on standard input.")
    return line


def whole_number(at_most: int) -> Callable[[str], int]:
    """For argparse: a whole number from 1."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 11 and 1 <= int(text) <= at_most):
            raise ArgumentTypeError(f"must be a whole number from 1 to {at_most}")
        return int(text)

    return read


def short_name(text: str) -> str:
    """For argparse: what a token is called in lists."""
    if len(text) > 100 or not text.isprintable():
        raise ArgumentTypeError("must be at most 100 printable characters")
    return text
