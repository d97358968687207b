"""Whether the product stands on its feet: database, keys, and the parts that /readyz asks about."""

from collections.abc import Iterator

import redis
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from privacy_portal.brands.encryption import Undecryptable
from privacy_portal.brands.models import Brand
from privacy_portal.brands.schema import SETTINGS
from privacy_portal.environment import BadSetting
from privacy_portal.processes import checks
from privacy_portal.processes.database_file import remedy, unwritable
from privacy_portal.processes.diagnosis.finding import Finding
from privacy_portal.subjects import freshness, keys
from privacy_portal.subjects.models import Subject

START = "start the portal (make up) and read what it prints"
NEXT = {
    "broker": "start what CELERY_BROKER_URL names, or correct it; until then the sweep does the work",
    "storage": "make the folder that PORTAL_STORAGE_URL names writable, or free space on its disk",
    "worker": f"if the broker is well, {START}; until then the sweep does the work",
    "scheduler": START,
    "sweep": START,
}


def database() -> Iterator[Finding]:
    if path := unwritable():
        yield Finding("the database", "this user cannot write its file", f"as root: {remedy(path)}")
        return
    try:
        checks.database()
    except Exception as error:  # a pool, a driver and a file each fail in a way of their own
        where = "PORTAL_DATA_DIR" if settings.EMBEDDED else "DATABASE_URL"
        yield Finding("the database", _why(error), f"start the database, or correct {where}")


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        yield Finding("the database's tables", f"{missing} migrations have not been run", "manage.py migrate")


def subject_key() -> Iterator[Finding]:
    try:
        keys.verify()
    except BadSetting as reason:
        yield Finding("everything", str(reason), "restore PORTAL_SUBJECT_KEY from your backup of the keys")


def marks() -> Iterator[Finding]:
    """Nothing else is of use before: the portal stands still."""
    try:
        reason = freshness.reason()
    except OSError as error:
        yield Finding("the suppression marks", _why(error), "see to the folder that PORTAL_STORAGE_URL names")
        return
    if reason:
        yield Finding("the database", reason, "manage.py replay_marks")


def encryption_keys() -> Iterator[Finding]:
    """The oldest and the newest stored value each open with some configured key."""
    named = Subject.objects.filter(user_id__isnull=False)
    try:
        for subject in filter(None, (named.order_by("pk").first(), named.order_by("pk").last())):
            _ = subject.clear_user_id
        for brand in Brand.objects.all():
            for setting in SETTINGS.values():
                brand.setting(setting.name)
    except Undecryptable:
        yield Finding(
            "encrypted values", "no key in PORTAL_ENCRYPTION_KEYS opens one of them",
            "append the key they were encrypted with to PORTAL_ENCRYPTION_KEYS",
        )  # fmt: skip


def parts() -> Iterator[Finding]:
    for name, ask in checks.CHECKS.items():
        try:
            ask()
        except Exception as error:
            yield Finding(f"part {name}", _why(error), NEXT.get(name, START))


def rate_limits() -> Iterator[Finding]:
    """Redis counts them where web processes run on several hosts."""
    if not settings.REDIS_URL:
        return
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except (RedisError, OSError) as error:
        yield Finding(
            "the rate limits", f"Redis does not answer ({type(error).__name__}), so requests pass without a limit",
            "start what REDIS_URL names, or correct it",
        )  # fmt: skip


def _why(error: Exception) -> str:
    """The text of an unknown error may hold an address with a password in it."""
    if isinstance(error, checks.NotReady):
        return str(error)
    if isinstance(error, OSError) and error.strerror and not isinstance(error, DatabaseError):
        return error.strerror
    return type(error).__name__
