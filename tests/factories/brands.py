"""Brands as tests need them."""

from itertools import count
from typing import Any

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand

_numbers = count(1)


def make_brand(**settings: Any) -> Brand:
    """A new brand with these settings."""
    brand, _ = Brand.objects.ensure("acme", "acme", f"B{next(_numbers)}", actor=COMMAND)
    if settings:
        brand.configure(settings, COMMAND)
    return brand
