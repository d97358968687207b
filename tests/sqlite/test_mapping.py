"""A long walk over the database holds none of it in memory."""

import pytest
from django.db import connection

from privacy_portal.sqlite.mapping import unmapped

pytestmark = [pytest.mark.django_db(transaction=True)]


def mapping() -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA mmap_size").fetchone()[0])


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite maps its file")
def test_the_file_is_not_mapped_inside_and_is_again_afterwards() -> None:
    before = mapping()
    with pytest.raises(RuntimeError), unmapped():
        assert mapping() == 0
        raise RuntimeError
    assert mapping() == before > 0
