"""Settings come from the environment, from `.env` and from NAME_FILE, and production's pass Django's own checks."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from privacy_portal import environment
from privacy_portal.celery import queue_options, transport_options
from tests.portal import ROOT, Portal

MakePortal = Callable[..., Portal]
PRODUCTION = {
    "DATABASE_URL": "postgres://portal@127.0.0.1:1/portal",
    "ALLOWED_HOSTS": "privacy.example.com",
    "PORTAL_PUBLIC_URL": "https://privacy.example.com",
    "TRUSTED_PROXIES": "10.0.0.0/8",
    "SECRET_KEY": "jC8Zp2mQ7vX4tB9nL3kR6wY1sD5fG0hA-eU7iO4pT2xM8bN6cK1z",
    "PORTAL_ENCRYPTION_KEYS": "an-encryption-key-of-at-least-32-characters",
    "PORTAL_SUBJECT_KEY": "a-subject-key-of-at-least-32-characters",
}


def setting(portal: Portal, name: str) -> str:
    """What a process of this portal sees under this name."""
    code = f"from django.conf import settings; print(settings.{name})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**portal.variables(), "DJANGO_SETTINGS_MODULE": "privacy_portal.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_file_of_settings_is_read_and_the_environment_wins(make_portal: MakePortal, tmp_path: Path) -> None:
    (tmp_path / "env").write_text("LOG_LEVEL=ERROR\nSECRET_KEY=a-secret-key-from-a-file-of-settings-123\n")
    portal = make_portal(PORTAL_ENV_FILE=str(tmp_path / "env"), LOG_LEVEL="WARNING")
    assert setting(portal, "SECRET_KEY") == "a-secret-key-from-a-file-of-settings-123"
    assert setting(portal, "LOG_LEVEL") == "WARNING"


def test_a_byte_order_mark_is_no_part_of_the_first_setting(make_portal: MakePortal, tmp_path: Path) -> None:
    (tmp_path / "env").write_text("LOG_LEVEL=ERROR\n", encoding="utf-8-sig")
    (tmp_path / "secret").write_text("a-secret-key-from-a-mounted-file-1234567\n", encoding="utf-8-sig")
    portal = make_portal(PORTAL_ENV_FILE=str(tmp_path / "env"), SECRET_KEY_FILE=str(tmp_path / "secret"))
    assert setting(portal, "LOG_LEVEL") == "ERROR"
    assert setting(portal, "SECRET_KEY") == "a-secret-key-from-a-mounted-file-1234567"


def test_a_value_is_what_stands_there(make_portal: MakePortal, tmp_path: Path) -> None:
    (tmp_path / "env").write_text("export SECRET_KEY='no-${HOME}-and-no-$(pwd)-in-a-secret-key'  # kept\nLOG_LEVEL\n")
    portal = make_portal(PORTAL_ENV_FILE=str(tmp_path / "env"))
    assert setting(portal, "SECRET_KEY") == "no-${HOME}-and-no-$(pwd)-in-a-secret-key"


def test_portals_of_one_machine_have_sessions_of_their_own(make_portal: MakePortal) -> None:
    names = [setting(make_portal(PORT=port), "SESSION_COOKIE_NAME") for port in ("8000", "8001")]
    assert names == ["sessionid_8000", "sessionid_8001"]
    behind_a_proxy = make_portal(PORTAL_PUBLIC_URL="https://privacy.example.com", PORT="8001")
    assert setting(behind_a_proxy, "SESSION_COOKIE_NAME") == "sessionid"


def test_a_secret_is_read_from_the_file_that_is_named(make_portal: MakePortal, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a-secret-key-from-a-mounted-file-1234567\n")
    portal = make_portal(SECRET_KEY_FILE=str(tmp_path / "secret"))
    assert setting(portal, "SECRET_KEY") == "a-secret-key-from-a-mounted-file-1234567"


def test_a_file_that_is_named_wins_over_the_file_of_settings(make_portal: MakePortal, tmp_path: Path) -> None:
    (tmp_path / "env").write_text("SECRET_KEY=a-secret-key-from-a-file-of-settings-123\n")
    (tmp_path / "secret").write_text("a-secret-key-from-a-mounted-file-1234567\n")
    portal = make_portal(PORTAL_ENV_FILE=str(tmp_path / "env"), SECRET_KEY_FILE=str(tmp_path / "secret"))
    assert setting(portal, "SECRET_KEY") == "a-secret-key-from-a-mounted-file-1234567"


def test_the_file_of_settings_may_name_files(make_portal: MakePortal, tmp_path: Path) -> None:
    (tmp_path / "env").write_text(f"SECRET_KEY_FILE={tmp_path}/secret\nLOG_LEVEL=ERROR\nLOG_LEVEL_FILE=/nowhere\n")
    (tmp_path / "secret").write_text("a-secret-key-from-a-mounted-file-1234567\n")
    portal = make_portal(PORTAL_ENV_FILE=str(tmp_path / "env"))
    names = "SECRET_KEY, settings.LOG_LEVEL"
    assert setting(portal, names) == "a-secret-key-from-a-mounted-file-1234567 ERROR"


def test_an_empty_value_is_no_value_wherever_it_stands(make_portal: MakePortal, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "env").write_text("LOG_LEVEL=ERROR\nCELERY_KEY_PREFIX=from-a-file:\nREDIS_KEY_PREFIX=\n")
    empty = dict.fromkeys(("CELERY_KEY_PREFIX_FILE", "CELERY_BROKER_URL_FILE"), str(tmp_path / "empty"))
    portal = make_portal(PORTAL_ENV_FILE=str(tmp_path / "env"), LOG_LEVEL="", **empty)
    names = "LOG_LEVEL, settings.CELERY_KEY_PREFIX, settings.CELERY_BROKER_URL, settings.REDIS_KEY_PREFIX"
    assert setting(portal, names) == "ERROR from-a-file: filesystem://localhost portal:bucket:"


def test_an_empty_file_names_no_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    monkeypatch.delenv("PORTAL_DATA_DIR")
    monkeypatch.setenv("PORTAL_DATA_DIR_FILE", str(tmp_path / "empty"))
    assert environment.data_folder("PORTAL_DATA_DIR", tmp_path / "default") == tmp_path / "default"


def test_what_a_pipe_says_reaches_every_process(make_portal: MakePortal) -> None:
    """It can be read once: `PORTAL_ENV_FILE=<(decrypt settings)`."""
    ours, theirs = os.pipe()
    os.write(theirs, b"TRACKING_MAX_BODY_BYTES=77\n")
    os.close(theirs)
    code = (
        "import os, subprocess, sys; from django.conf import settings; first = settings.TRACKING_MAX_BODY_BYTES\n"
        "again = 'from django.conf import settings; print(settings.TRACKING_MAX_BODY_BYTES)'\n"
        "print(first, flush=True); subprocess.run([sys.executable, '-c', again], check=True)"
    )
    portal = make_portal(PORTAL_ENV_FILE=f"/dev/fd/{ours}", DJANGO_SETTINGS_MODULE="privacy_portal.settings")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=portal.variables(),
        pass_fds=(ours,),
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(ours)
    assert done.stdout.split() == ["77", "77"], done.stderr


def test_missing_keys_are_made_once_and_read_by_all(make_portal: MakePortal) -> None:
    portal = make_portal()
    made = {name: setting(portal, name) for name in ("SECRET_KEY", "SUBJECT_KEY", "ENCRYPTION_KEYS")}
    assert made == {name: setting(portal, name) for name in made}
    for file in ("secret_key", "portal_subject_key", "portal_encryption_keys"):
        assert (portal.data_dir / file).stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_agree_on_the_keys(make_portal: MakePortal) -> None:
    portal = make_portal()
    code = "from django.conf import settings; print(settings.SUBJECT_KEY)"
    environment = {**portal.variables(), "DJANGO_SETTINGS_MODULE": "privacy_portal.settings"}
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in started}) == 1


def test_every_form_that_a_setting_may_have_is_taken(make_portal: MakePortal) -> None:
    hosts = "privacy.example.com, .example.org,127.0.0.1,[::1],localhost,"
    brokers = "amqp://u:p@one:5672//portal;amqp://two:5672"
    given = {
        **PRODUCTION,
        "DATABASE_URL": "postgresql:///portal?sslmode=prefer",
        "ALLOWED_HOSTS": hosts,
        "TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8,",
        "CELERY_BROKER_URL": brokers,
        "REDIS_URL": "rediss://:p%23w@[::1]:6380/2",
        "EMAIL_URL": "submission://u:p@mail.example.com?timeout=5",
        "SENTRY_DSN": "https://key@sentry.example.com/1",
    }
    names = "ALLOWED_HOSTS, len(settings.TRUSTED_PROXIES), settings.CELERY_BROKER_URL, settings.EMAIL_TIMEOUT"
    expected = (["privacy.example.com", ".example.org", "127.0.0.1", "[::1]", "localhost"], 2, brokers, 5)
    assert setting(make_portal(**given), names) == " ".join(map(str, expected))


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:8000", "http://127.0.0.1", "https://[2001:db8::1]:8443", "http://privacy_portal:8000",
        "https://privacy-portal.example.com", "https://1st.example.com.",
    ],
)  # fmt: skip
def test_every_form_of_a_public_address_is_taken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_PUBLIC_URL", f"{address}/")
    assert environment.origin("PORTAL_PUBLIC_URL", "") == address


def test_a_scheme_may_be_written_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether cookies are secure hangs on it."""
    monkeypatch.setenv("PORTAL_PUBLIC_URL", "HTTPS://Privacy.example.com/")
    assert environment.origin("PORTAL_PUBLIC_URL", "") == "https://Privacy.example.com"


def test_production_settings_pass_the_deploy_check_in_silence(make_portal: MakePortal) -> None:
    done = make_portal(**PRODUCTION).manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_embedded_bell_lives_in_the_data_folder() -> None:
    options = transport_options("filesystem://localhost")
    folder = Path(os.environ["PORTAL_DATA_DIR"]) / "broker"
    assert options["data_folder_in"] == options["data_folder_out"] == folder / "messages"
    assert options["control_folder"] == folder / "control"


def test_rabbitmq_gets_quorum_queues_and_confirmed_messages() -> None:
    assert queue_options("amqp://localhost")["task_default_queue_type"] == "quorum"
    assert transport_options("amqps://localhost")["confirm_publish"] is True


def test_redis_keys_have_a_prefix_and_no_read_waits_for_ever() -> None:
    options = transport_options("redis://localhost")
    assert options["global_keyprefix"] == "privacy-portal:"
    assert options["socket_timeout"] > 0
    assert queue_options("redis://localhost") == {}
