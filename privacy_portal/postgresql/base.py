"""The database backend beside PostgreSQL: `ENGINE = "privacy_portal.postgresql"`."""

from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Statements are not compiled to machine code (`jit`), which PostgreSQL does where it guesses that one is costly:
    that took fifteen seconds of the console's home page with 12,000 regulations, which is carried out in 0.3. It is set
    by a statement, since not every pooler takes options with a connection.
    """

    def _configure_connection(self, connection: Any) -> bool:
        """Whether something was set that is to be committed."""
        super()._configure_connection(connection)
        connection.execute("SET jit = off")
        return True
