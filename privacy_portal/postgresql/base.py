"""The database backend beside PostgreSQL: `ENGINE = "privacy_portal.postgresql"`."""

from typing import Any

from django.db.backends.postgresql import base

SETTINGS = {
    "jit": "off",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "2",
    "idle_in_transaction_session_timeout": "60s",
}
_SET = "SELECT " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in SETTINGS.items())


class DatabaseWrapper(base.DatabaseWrapper):
    """What each connection is set to, by a statement, since not every pooler takes options with a connection.

    Statements are not compiled to machine code (`jit`), which PostgreSQL does where it guesses that one is costly: that
    took fifteen seconds of the console's home page with 12,000 regulations, which is carried out in 0.3.

    A transaction of a host that is lost in its midst, or stands still, ends soon: what it has locked, messageIds and a
    brand's barrier, the others wait for. The server would notice after two hours.
    """

    def _configure_connection(self, connection: Any) -> bool:
        """Whether something was set that is to be committed."""
        super()._configure_connection(connection)
        connection.execute(_SET)
        return True
