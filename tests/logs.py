"""The log as the portal's processes write it."""

import logging
from collections.abc import Iterator
from io import StringIO
from logging.config import DictConfigurator

import pytest
from django.conf import settings


@pytest.fixture
def log() -> Iterator[StringIO]:
    """All that a handler like that of the settings writes, from every logger."""
    written = StringIO()
    configured = DictConfigurator({**settings.LOGGING, "handlers": {}})
    console = dict(settings.LOGGING["handlers"]["console"])
    handler = logging.StreamHandler(written)
    handler.setFormatter(configured.configure_formatter(dict(settings.LOGGING["formatters"][console["formatter"]])))
    for name in console["filters"]:
        handler.addFilter(configured.configure_filter(dict(settings.LOGGING["filters"][name])))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)
