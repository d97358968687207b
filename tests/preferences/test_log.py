"""No token reaches a log, whatever goes wrong with its request (contract P4)."""

import logging
from io import StringIO

import pytest
from django.db import connection
from django.test import Client

from privacy_portal.preferences.links import issue_link
from privacy_portal.preferences.log_filter import WithoutTokens
from privacy_portal.subjects.models import Subject


@pytest.mark.parametrize(
    ("message", "args", "kept"),
    [
        ("%s: %s", ("Not Found", "/p/AbC-12_/"), "Not Found: /p/[token]/"),
        ("%s: %s", ("Internal Server Error", "/u/AbC12?x=/p/AbC"), "Internal Server Error: /u/[token]?x=/p/[token]"),
        ("no link here: %s", ("/admin/",), "no link here: /admin/"),
        ("no format: 100%", None, "no format: 100%"),
    ],
)
def test_it_cuts_the_token_out_and_leaves_the_rest(message: str, args: tuple | None, kept: str) -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, message, args, None)
    assert WithoutTokens().filter(record) is True
    assert record.getMessage() == kept


@pytest.mark.django_db
def test_a_refusal_is_logged_without_the_token(log: StringIO, subject: Subject) -> None:
    link = issue_link(subject)
    for method, url in (("get", f"/p/{'A' * 22}/"), ("put", link.url), ("put", link.unsubscribe_url)):
        assert getattr(Client(), method)(url).status_code in (404, 405)
    assert log.getvalue().count("[token]") == 3
    assert "AAAA" not in log.getvalue()
    assert link.url.split("/")[-2] not in log.getvalue()
    assert link.unsubscribe_url.split("/")[-1] not in log.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_logged_without_the_token(log: StringIO, subject: Subject) -> None:
    link = issue_link(subject)
    table = connection.ops.quote_name("preferences_preferencetoken")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO gone")
    try:
        client = Client(raise_request_exception=False)
        # SQLite tells a table that is gone and a database that is away by one kind of error.
        assert client.get(link.url).status_code in (500, 503)
        assert client.post(link.unsubscribe_url).status_code in (500, 503)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE gone RENAME TO {table}")
    assert ": /p/[token]/" in log.getvalue()
    assert link.url.split("/")[-2] not in log.getvalue()
    assert link.unsubscribe_url.split("/")[-1] not in log.getvalue()
