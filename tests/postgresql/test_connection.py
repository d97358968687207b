"""What each connection to PostgreSQL is set to."""

import pytest
from django.db import connection

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jit", "off"),
        ("TimeZone", "UTC"),
        ("transaction_isolation", "read committed"),
        ("tcp_keepalives_idle", "10"),
        ("idle_in_transaction_session_timeout", "1min"),
    ],
)
def test_each_connection_is_set_up(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        assert cursor.execute(f"SHOW {name}").fetchone()[0] == value
