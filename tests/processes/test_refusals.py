"""What must hold before a start; each refusal is one sentence, and nothing is half-done."""

import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.permissions import heed_permissions, needs_permissions
from tests.portal import ROOT, Portal
from tests.waiting import until

MakePortal = Callable[..., Portal]
LONG = "a-key-of-at-least-32-characters-1"


def refusal(portal: Portal, **more: object) -> str:
    """What `up` says when it does not start."""
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=portal.variables(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **more,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    said = done.stderr.strip()
    assert "\n" not in said
    assert "Traceback" not in said
    return said


def filled(portal: Portal) -> None:
    """Give it a database that knows its subject key."""
    for command in ("migrate", "check"):
        assert portal.manage(command).returncode == 0


def test_a_port_in_use_is_named(make_portal: MakePortal) -> None:
    portal = make_portal()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", portal.port))
        taken.listen()
        assert f"Port {portal.port} is in use" in refusal(portal)
    assert not (portal.data_dir / "portal.sqlite3").exists()


def test_an_address_of_another_machine_is_refused(make_portal: MakePortal) -> None:
    assert "HOST and PORT must name an address of this machine" in refusal(make_portal(HOST="192.0.2.1"))


def test_a_data_folder_that_cannot_be_made_is_named(make_portal: MakePortal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "PORTAL_DATA_DIR must be a folder this user can write" in refusal(make_portal("file/var"))


@pytest.mark.parametrize("left", [b"", b"half a key", b"\xff" * 64])
@pytest.mark.parametrize("name", ["SECRET_KEY", "PORTAL_SUBJECT_KEY", "PORTAL_ENCRYPTION_KEYS"])
def test_a_key_that_was_damaged_is_named(make_portal: MakePortal, tmp_path: Path, name: str, left: bytes) -> None:
    """An empty one is a key, too: whatever it encrypted anyone could read."""
    file = tmp_path / "var" / name.lower()
    file.parent.mkdir()
    file.write_bytes(left)
    assert f"{name} is damaged in {file}: put the file of your backup in its place" in refusal(make_portal())
    assert file.read_bytes() == left


@needs_permissions
def test_a_data_folder_that_cannot_be_written_is_named_whatever_was_left_in_it(make_portal: MakePortal) -> None:
    portal = make_portal()
    filled(portal)
    (portal.data_dir / "tmp").mkdir(exist_ok=True)
    portal.data_dir.chmod(0o500)
    said = refusal(portal, preexec_fn=heed_permissions)
    assert said.startswith("CommandError: PORTAL_DATA_DIR must be a folder this user can write")
    assert said.endswith("Permission denied")


@needs_permissions
@pytest.mark.parametrize("end", ["", "-wal"])
def test_a_database_that_cannot_be_written_is_named_with_its_owner(make_portal: MakePortal, end: str) -> None:
    """It answers questions all the same. A restore done by root leaves it so."""
    portal = make_portal()
    filled(portal)
    file = portal.data_dir / f"portal.sqlite3{end}"
    file.touch()
    file.chmod(0o400)
    said = refusal(portal, preexec_fn=heed_permissions)
    owner = portal.data_dir.owner()
    assert said.endswith(f"The database cannot be used: this user cannot write its file: chown {owner} '{file}'")


def test_a_full_disk_is_named(make_portal: MakePortal) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    assert "PORTAL_DATA_DIR must be a folder this user can write" in refusal(make_portal(), preexec_fn=no_room)


def test_a_disk_that_fills_up_during_the_first_start_is_named(make_portal: MakePortal) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    assert "The database cannot be used" in refusal(make_portal(), preexec_fn=little_room)


def test_a_second_portal_on_the_same_folder_is_refused(make_portal: MakePortal) -> None:
    first = make_portal().launch()
    until(lambda: "Server auth-token" in first.output, 60, "the first one to hold the folder")
    assert "Another Privacy Portal runs on" in refusal(make_portal())


def test_a_wrong_subject_key_stops_the_start(make_portal: MakePortal) -> None:
    filled(make_portal())
    said = refusal(make_portal(PORTAL_SUBJECT_KEY="another-key-of-at-least-32-characters"))
    assert said.startswith("PORTAL_SUBJECT_KEY does not match")


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "sweep"),
        ("manage.py", "verify_audit"),
        ("-m", "celery", "-A", "privacy_portal", "worker", "--pool", "solo"),
        ("-m", "celery", "-A", "privacy_portal", "beat", "--pidfile", ""),
    ],
)
def test_a_wrong_subject_key_stops_everything_else_too(make_portal: MakePortal, command: tuple[str, ...]) -> None:
    filled(make_portal())
    wrong = make_portal(PORTAL_SUBJECT_KEY="another-key-of-at-least-32-characters")
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=wrong.variables(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "PORTAL_SUBJECT_KEY does not match" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("PORT", "eighty", "must be a whole number"),
        ("PORT", "0", "must be a whole number"),
        ("PORT", "65536", "must be a whole number"),
        ("PORTAL_PUBLIC_URL", "portal.example.com", "must be"),
        ("PORTAL_PUBLIC_URL", "https://portal.example.com/path", "without a path"),
        ("PORTAL_PUBLIC_URL", "http://[", "must be"),
        ("PORTAL_PUBLIC_URL", "http://[::1", "must be"),
        ("PORTAL_PUBLIC_URL", "http://[1:2]", "must be"),
        ("PORTAL_PUBLIC_URL", "http://a b", "must be"),
        ("PORTAL_PUBLIC_URL", "http://a\tb", "must be"),
        ("PORTAL_PUBLIC_URL", "http://127.0.0.256", "must be"),
        ("PORTAL_PUBLIC_URL", "http://-.example.com", "must be"),
        ("PORTAL_PUBLIC_URL", "http://u:{secret}@portal.example.com", "must be"),
        ("DATABASE_URL", "mysql://localhost/portal", "must be a URL starting with"),
        ("DATABASE_URL", "postgres://", "must be an address such as postgres://"),
        ("DATABASE_URL", "postgres://u:{secret}@127.0.0.1", "must be an address such as postgres://"),
        ("DATABASE_URL", "postgres://u:{secret}@h:x/db", "must be an address such as postgres://"),
        ("DATABASE_URL", "postgres://u:#{secret}@h/db", "must be an address such as postgres://"),
        ("DATABASE_URL", "postgres://h:0/db", "must be an address such as postgres://"),
        (
            "DATABASE_URL",
            "postgres://u:{secret}@h/db?sllmode=require",
            "must have no other parameters than PostgreSQL's",
        ),
        ("CELERY_BROKER_URL", "localhost", "must be a URL starting with"),
        ("REDIS_URL", "memcached://localhost", "must be a URL starting with"),
        ("CELERY_BROKER_URL", "redis://:{secret}@127.0.0.1:99999/0", "must name a host, and a port from 1 to 65535"),
        ("CELERY_BROKER_URL", "amqp://127.0.0.1;amqp://u:{secret}@", "must name a host"),
        ("CELERY_BROKER_URL", "redis://127.0.0.1/first", "must name a host"),
        ("REDIS_URL", "redis://:{secret}@127.0.0.1:99999/0", "must name a host, and a port from 1 to 65535"),
        ("REDIS_URL", "redis://", "must name a host"),
        ("REDIS_URL", "redis://:{secret}@127.0.0.1/0?socket_timeout=long", "must have no other parameters"),
        ("REDIS_URL", "redis://:{secret}@127.0.0.1/0?time_out=1", "must have no other parameters"),
        ("REDIS_URL", "rediss://:{secret}@127.0.0.1/0?ssl_cert_reqs=maybe", "must have no other parameters"),
        ("REDIS_URL", "redis://:{secret}@127.0.0.1/0?protocol=9", "must have no other parameters"),
        ("REDIS_URL", "redis://:{secret}@127.0.0.1/0?cache_config=x", "must have no other parameters"),
        ("REDIS_URL", "redis://[::1", "must be a URL starting with"),
        ("PORTAL_STORAGE_URL", "ftp://files", "must be a URL starting with"),
        ("PORTAL_STORAGE_URL", "file://exports", "must be a folder's address such as file:///srv/privacy-portal"),
        ("PORTAL_STORAGE_URL", "file://", "must be a folder's address"),
        ("PORTAL_STORAGE_URL", "file://host/srv/exports", "must be a folder's address"),
        ("PORTAL_STORAGE_URL", "file:///srv/exports#1", "must be a folder's address"),
        ("EMAIL_URL", "mail.example.com", "must be a URL starting with"),
        ("EMAIL_URL", "smtp://", "must name a host"),
        ("EMAIL_URL", "smtp://u:{secret}@mail.example.com:x", "must name a host"),
        ("EMAIL_URL", "smtp://u:{secret}@mail.example.com/?timeout=long", "must give its timeout in whole seconds"),
        ("SENTRY_DSN", "sentry", "must be a URL starting with"),
        ("SENTRY_DSN", "http://x", "must be an address such as https://key@sentry.example.com/1"),
        ("SENTRY_DSN", "https://{secret}@sentry.example/x", "must be an address such as"),
        ("SENTRY_DSN", "https://{secret}@sentry.example:99999/1", "must be an address such as"),
        ("SECRET_KEY", "short", "must be at least 32 characters"),
        ("PORTAL_SUBJECT_KEY", "short", "must be at least 32 characters"),
        ("PORTAL_ENCRYPTION_KEYS", f",{LONG}", "must list keys of at least 32 characters each"),
        ("PORTAL_ENCRYPTION_KEYS", f"{LONG}, ", "must list keys of at least 32 characters each"),
        ("PORTAL_ENCRYPTION_KEYS", f"{LONG},opensesame", "must list keys of at least 32 characters each"),
        ("PORTAL_ENCRYPTION_KEYS", f"{LONG}\n{LONG}", "separated by commas, in one line"),
        ("TRUSTED_PROXIES", "10.0.0.0/99", "must list addresses or networks"),
        ("TRUSTED_PROXIES", ",", "must list addresses or networks"),
        ("METRICS_ALLOWED", "everyone", "must list addresses or networks"),
        ("METRICS_ALLOWED", " ", "must list addresses or networks"),
        ("ALLOWED_HOSTS", "a b", "must list the host names"),
        ("ALLOWED_HOSTS", ",", "must list the host names"),
        ("ALLOWED_HOSTS", "privacy.example.com:443", "must list the host names"),
        ("ALLOWED_HOSTS", "https://privacy.example.com", "must list the host names"),
        ("ALLOWED_HOSTS", "*.example.com", "must list the host names"),
        ("LOG_LEVEL", "LOUD", "must be one of"),
        ("TRACKING_MAX_BODY_BYTES", "-1", "must be a whole number"),
        ("SECRET_KEY_FILE", "/nowhere/secret", "cannot be read"),
    ],
)
def test_a_malformed_setting_is_named(make_portal: MakePortal, name: str, value: str, rule: str) -> None:
    said = refusal(make_portal(**{name: value.format(secret="opensesame")}))
    assert said.startswith(name)
    assert rule in said
    assert "opensesame" not in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file or directory"), (b"LOG_LEVEL=\xff", "not in UTF-8"), (b"LOG_LEVEL=\0", "no text")],
)
def test_a_file_of_settings_that_is_none_is_named(
    make_portal: MakePortal, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    """Without its settings a portal of another database and other keys would start."""
    if content:
        (tmp_path / "env").write_bytes(content)
    said = refusal(make_portal(PORTAL_ENV_FILE=str(tmp_path / "env")))
    assert said == f"PORTAL_ENV_FILE must be a text file that this user can read: {tmp_path}/env: {reason}"
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    "line", ['DATABASE_URL="postgres://u:opensesame@db/portal', "PORT: 8002", "SECRET_KEY='opensesame"]
)
def test_a_line_of_it_that_cannot_be_read_is_named_by_its_number(
    make_portal: MakePortal, tmp_path: Path, line: str
) -> None:
    """Without that line a portal on another database would start, or on another port."""
    (tmp_path / "env").write_text(f"# settings\nLOG_LEVEL=INFO\n{line}\nPORTAL_STORAGE_URL=\n")
    said = refusal(make_portal(PORTAL_ENV_FILE=str(tmp_path / "env")))
    assert said == "PORTAL_ENV_FILE must hold lines such as NAME=value: line 3 cannot be read"
    assert not (tmp_path / "var").exists()


@needs_permissions
def test_a_file_of_settings_that_may_not_be_read_is_named(make_portal: MakePortal, tmp_path: Path) -> None:
    (tmp_path / "env").touch(mode=0o000)
    said = refusal(make_portal(PORTAL_ENV_FILE=str(tmp_path / "env")), preexec_fn=heed_permissions)
    assert said.endswith(f"{tmp_path}/env: Permission denied")


@pytest.mark.parametrize("missing", ["SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "PORTAL_SUBJECT_KEY", "ALLOWED_HOSTS"])
def test_with_a_database_url_what_must_be_shared_must_be_given(make_portal: MakePortal, missing: str) -> None:
    secret = "0123456789abcdef0123456789abcdef"
    given = {"SECRET_KEY": secret, "PORTAL_ENCRYPTION_KEYS": secret, "PORTAL_SUBJECT_KEY": secret, "ALLOWED_HOSTS": "*"}
    given[missing] = ""
    said = refusal(make_portal(DATABASE_URL="postgres://127.0.0.1/nowhere", **given))
    assert said.startswith(f"{missing} must")
