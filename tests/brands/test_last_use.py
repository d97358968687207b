"""When a token was last used: written soon, then rarely, never back in time, and again at an orderly stop."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.last_use import LastUse
from privacy_portal.brands.models import ApiToken, AuthToken
from tests.factories.brands import make_brand
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def token() -> AuthToken:
    return AuthToken.objects.issue("server", "acme", "acme", make_brand(), actor=COMMAND)[0]


@pytest.fixture
def last_use() -> Iterator[LastUse]:
    """Looks every few hundredths of a second, and writes a token once a minute."""
    last_use = LastUse(look=0.02)
    last_use.start()
    yield last_use
    last_use.stop()


def told(token: AuthToken | ApiToken) -> datetime | None:
    token.refresh_from_db()
    return token.last_used_at


def test_it_is_written_while_the_process_runs(last_use: LastUse, token: AuthToken) -> None:
    api_token, _ = ApiToken.objects.issue("admin", actor=COMMAND)
    assert told(token) is told(api_token) is None
    begun = datetime.now(UTC)
    last_use.note(AuthToken, token.pk)
    last_use.note(ApiToken, api_token.pk)
    until(lambda: told(token) and told(api_token), 10, "both written")
    for at in (told(token), told(api_token)):
        assert at
        assert begun <= at <= datetime.now(UTC)


def test_a_token_in_constant_use_is_written_once_a_minute_and_at_the_stop(last_use: LastUse, token: AuthToken) -> None:
    last_use.note(AuthToken, token.pk)
    first = until(lambda: told(token), 10, "the first use written")
    another, _ = AuthToken.objects.issue("server", "acme", "acme", actor=COMMAND)
    last_use.note(AuthToken, token.pk)
    last_use.note(AuthToken, another.pk)  # noted later and not yet written in this minute: the sign of a later look
    until(lambda: told(another), 10, "the other one written")
    assert told(token) == first
    last_use.stop()
    assert (at := told(token))
    assert at > first


def test_a_token_is_written_again_when_its_time_has_come(token: AuthToken) -> None:
    last_use = LastUse(every=0.1)
    last_use.note(AuthToken, token.pk)
    last_use.write(due_only=True)
    first = told(token)
    assert first
    last_use.note(AuthToken, token.pk)
    until(lambda: last_use.write(due_only=True) or told(token) != first, 10, "the next write")


def test_it_only_goes_forward(token: AuthToken) -> None:
    now = datetime.now(UTC)
    for at in (now, now - timedelta(seconds=50), now):
        AuthToken.used(token.pk, at)
        assert told(token) == now
    AuthToken.used(token.pk, now + timedelta(seconds=1))
    assert told(token) == now + timedelta(seconds=1)


def test_what_cannot_be_written_is_kept_for_the_next_time(token: AuthToken, caplog: pytest.LogCaptureFixture) -> None:
    last_use = LastUse()
    last_use.note(AuthToken, token.pk)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE brands_authtoken RENAME TO taken_away")
        try:
            last_use.write()
        finally:
            cursor.execute("ALTER TABLE taken_away RENAME TO brands_authtoken")
    assert "last_use.not_written error=" in caplog.text
    assert told(token) is None
    last_use.write()
    assert told(token)


def test_noting_asks_the_database_nothing(token: AuthToken) -> None:
    with CaptureQueriesContext(connection) as queries:
        LastUse().note(AuthToken, token.pk)
    assert len(queries) == 0
