import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from privacy_portal.audit.models import SYSTEM, Entry, record, seal
from tests.commands.conftest import Run

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_it_prints_the_count_of_a_whole_chain(run: Run, db: None) -> None:
    for _ in range(3):
        record("brand.created", SYSTEM)
    assert run("verify_audit").out == "3 entries, every one in its place.\n"
    assert not Entry.objects.unsealed().exists()


def test_it_names_the_first_broken_entry_and_fails(run: Run, db: None) -> None:
    for _ in range(3):
        record("brand.created", SYSTEM)
    seal()
    broken = Entry.objects.get(position=2)
    Entry.objects.filter(pk=broken.pk).update(action="other")
    with pytest.raises(CommandError) as failure:
        call_command("verify_audit")
    assert failure.value.returncode == 1
    assert str(failure.value) == (
        f"The audit chain is broken after 1 good entries: entry 2 (id {broken.pk}) does not match its hash."
    )
