"""deploy/postgresql/roles.sql: each process does all of its work with the rights of its role, and has no other."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from django.apps import apps
from psycopg.errors import InsufficientPrivilege

from tests.deploy.roles import SETTINGS, SQL, database_with_roles
from tests.deploy.units import NAMES, Services
from tests.end_to_end import test_seven_types
from tests.end_to_end.speaking import Caller
from tests.portal import ROOT, Portal, free_port
from tests.upstream.server import json_answer, serve, taken
from tests.waiting import until

REFUSED = {
    "web": """
        UPDATE consent_entry SET subscribed = true; DELETE FROM consent_entry; TRUNCATE consent_entry CASCADE;
        UPDATE audit_entry SET action = ''; UPDATE audit_entry SET hash = ''; DELETE FROM audit_entry;
        UPDATE audit_chainhead SET position = 0; INSERT INTO audit_chainhead (position, hash) VALUES (0, '');
        DELETE FROM subjects_subject; UPDATE subjects_subject SET key = ''; DELETE FROM subjects_link;
        UPDATE subjects_keycheck SET value = ''; INSERT INTO subjects_keycheck (value) VALUES ('');
        UPDATE tracking_event SET body = ''; UPDATE brands_authtoken SET digest = '';
        SELECT tracking_make_partitions(); SELECT tracking_drop_partition(now()); SELECT * FROM tracking_event_default;
        UPDATE brands_apitoken SET revoked_at = NULL, role = 'admin';
        ALTER TABLE consent_entry DISABLE TRIGGER ALL; DROP TABLE consent_entry;
        SET session_replication_role = replica; CREATE TABLE mine (); CREATE TEMPORARY TABLE mine ()
    """,
    "worker": """
        INSERT INTO consent_entry SELECT * FROM consent_entry; UPDATE consent_entry SET subscribed = true;
        DELETE FROM consent_entry; UPDATE audit_entry SET hash = ''; DELETE FROM audit_entry;
        INSERT INTO tracking_event SELECT * FROM tracking_event; UPDATE brands_brand SET client = '';
        UPDATE brands_authtoken SET revoked_at = NULL; SELECT * FROM brands_apitoken; SELECT * FROM auth_user;
        SELECT * FROM django_session; SELECT * FROM preferences_preferencetoken; DELETE FROM subjects_subject
    """,
    "sweep": """
        UPDATE audit_entry SET action = ''; UPDATE audit_entry SET at = now(); DELETE FROM audit_entry;
        UPDATE consent_entry SET subscribed = true; DELETE FROM consent_entry; SELECT * FROM auth_user;
        SELECT tracking_new_table('mine', 'tracking_event'); DROP TABLE tracking_event_default
    """,
    "beat": "SELECT * FROM subjects_subject; SELECT * FROM tracking_event; DELETE FROM durable_heartbeat",
}

ONE_AFTER_ANOTHER = """
import io, json, sys
import django
from django.core.management import call_command

django.setup()
printed = []
for command in json.loads(sys.argv[1]):
    call_command(*command, stdout=(out := io.StringIO()))
    printed.append(out.getvalue().strip())
print(json.dumps(printed))
"""


@pytest.fixture(scope="module")
def logins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with database_with_roles(tmp_path_factory.mktemp("roles")) as urls:
        yield urls


def test_postgresql_refuses_what_a_role_has_no_business_with(logins: dict[str, str]) -> None:
    for role, statements in REFUSED.items():
        with psycopg.connect(logins[role], autocommit=True) as connection:
            for statement in statements.split(";"):
                with pytest.raises(InsufficientPrivilege):
                    connection.execute(statement)


def test_the_server_s_log_tells_no_values(logins: dict[str, str]) -> None:
    expected = {"log_error_verbosity": "terse", "log_min_error_statement": "panic", "log_statement": "none",
                "log_min_duration_statement": "-1", "log_parameter_max_length_on_error": "0"}  # fmt: skip
    for name in NAMES:
        with psycopg.connect(logins[name]) as connection:
            shown = {setting: connection.execute(f"SHOW {setting}").fetchone() for setting in expected}
        assert shown == {setting: (value,) for setting, value in expected.items()}, name


def test_the_rights_to_every_table_are_decided() -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} | {"django_migrations"}
    assert tables - set(re.findall(r"\w+", (SQL / "roles.sql").read_text(encoding="utf-8"))) == set()


@pytest.mark.timeout(300)  # four commands and four processes are started, ten regulations carried out
def test_all_seven_types_are_carried_out_with_each_process_in_its_role(logins: dict[str, str], tmp_path: Path) -> None:
    portal = in_roles(logins, tmp_path)
    make_ready(portal["web"])
    assert run(portal["web"], ("verify_audit",)) == [
        "0 entries, every one in its place. 4 more wait for the sweep to chain them."
    ]
    environments = {name: portal[name].variables() for name in NAMES}
    with Services(environments, tmp_path / "log") as services:
        until(portal["web"].is_ready, 60, "a portal in its roles")
        caller = Caller(portal["web"])
        test_seven_types.test_a_person_goes_from_identify_to_erased(caller)
        a_device_is_linked_to_who_was_erased(caller)
        a_repeated_request_is_known(caller)
        a_person_saves_their_choices(caller)
        events_are_forwarded(portal["web"], caller)
        staff_sign_in(portal["web"])
        assert all(process.poll() is None for process in services.processes.values())
        until(lambda: tokens_used(logins["owner"]), 10, "when the tokens were last used")
        until(lambda: sealed(logins["owner"]), 10, "the audit log sealed")
        run(portal["web"], ("verify_audit",), ("doctor",))
    assert "InsufficientPrivilege" not in (log := (tmp_path / "log").read_text()), log
    assert "sweep.failed" not in log
    assert "permission denied" not in log


def in_roles(logins: dict[str, str], folder: Path) -> dict[str, Portal]:
    """One portal, seen by each of its processes: they differ in DATABASE_URL alone."""
    settings = {**SETTINGS, "HOST": "127.0.0.1", "WEB_PROCESSES": "1", "TMPDIR": str(folder), "LOG_LEVEL": "INFO"}
    port = free_port()
    return {name: Portal(folder, port=port, environment={**settings, "DATABASE_URL": logins[name]}) for name in NAMES}


def make_ready(portal: Portal) -> None:
    """What staff type, as the web role."""
    portal.staff_user, portal.staff_password = "ann", "a long password nobody has"
    _, portal.server_token, portal.api_token, _ = run(
        portal,
        ("create_brand", *portal.brand.split("/")),
        ("create_auth_token", "acme", "acme", "--kind", "server"),
        ("create_api_token", "--role", "admin"),
        ("create_staff", portal.staff_user, "--role", "admin", "--password-stdin"),
        stdin=portal.staff_password,
    )


def run(portal: Portal, *commands: tuple[str, ...], stdin: str = "") -> list[str]:
    """What each command prints; all of them in one process, which is what takes the time."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_ANOTHER, json.dumps(commands)],
        cwd=ROOT,
        env={**portal.variables(), "DJANGO_SETTINGS_MODULE": "privacy_portal.settings"},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return list(json.loads(done.stdout))


def a_device_is_linked_to_who_was_erased(caller: Caller) -> None:
    """Its earlier event goes when the link arrives: the one DELETE of the web role."""
    person = "seven types / 1"
    early = caller.track("page", {"anonymousId": "tablet", "event": "page", "messageId": "m-1"})
    assert caller.track("page", {"anonymousId": "tablet", "event": "page", "messageId": "m-1"}) == early
    caller.track("page", {"anonymousId": "tablet", "userId": person, "event": "page"})
    assert caller.status(early) == "404"


def a_repeated_request_is_known(caller: Caller) -> None:
    body = {"brand": caller.portal.brand, "type": "suppress", "user_id": "roles / 2"}
    http = httpx.Client(base_url=caller.portal.url, timeout=20)
    headers = {"Authorization": f"Bearer {caller.portal.api_token}", "Idempotency-Key": "once"}
    first, second = (http.post("/api/v1/regulations/", json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]


def a_person_saves_their_choices(caller: Caller) -> None:
    made = caller.api("POST", "subjects/", {"brand": caller.portal.brand, "user_id": "roles / 3"}).json()
    changed = caller.api(
        "PATCH", f"subjects/{made['id']}/consents/", {"channels": [{"channel": "email", "subscribed": True}]}
    )
    assert changed.status_code == 200, changed.text
    link = caller.api("POST", f"subjects/{made['id']}/preference-link/", {}).json()
    page = httpx.get(link["url"])
    assert page.status_code == 200
    unsubscribe = link["headers"]["List-Unsubscribe"].strip("<>")
    assert httpx.post(unsubscribe, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    told = caller.subject("roles / 3")
    assert {channel["channel"]: channel["subscribed"] for channel in told["channels"]}["email"] is False


def events_are_forwarded(portal: Portal, caller: Caller) -> None:
    """One waits when its person is suppressed, one is refused and sent again."""
    with serve() as upstream:
        upstream.always = json_answer(400, {"message": "no"})
        run(portal, ("configure_brand", portal.brand, f"upstream_url={upstream.url}", "forwarding=on"))
        event = until(lambda: refused(caller), 20, "an event that the upstream refused")
        upstream.always = taken
        run(portal, ("forward_again", portal.brand))
        until(lambda: caller.status(event) == "forwarded", 20, "the event forwarded")
        upstream.always = json_answer(503, {})
        late = caller.track("track", {"userId": "roles / 4", "event": "Bought"})
        body = {"brand": portal.brand, "type": "suppress", "user_id": "roles / 4"}
        assert caller.api("POST", "regulations/", body).status_code == 202
        until(lambda: caller.status(late) == "suppressed", 30, "the gate closed behind the event")
        run(portal, ("configure_brand", portal.brand, "upstream_url=", "forwarding=off"))


def refused(caller: Caller) -> str:
    """The setting is in force within a second, so the first events may only be stored."""
    event = caller.track("track", {"userId": "roles / 4", "event": "Bought"})
    until(lambda: caller.status(event) != "forwarding", 20, "what became of an event")
    return event if caller.status(event) == "failed" else ""


def staff_sign_in(portal: Portal) -> None:
    with httpx.Client(base_url=portal.url, timeout=20, follow_redirects=True) as browser:
        browser.get("/admin/login/")
        form = {"username": portal.staff_user, "password": portal.staff_password, "next": "/admin/"}
        answer = browser.post("/admin/login/", data={**form, "csrfmiddlewaretoken": browser.cookies["csrftoken"]})
        assert answer.status_code == 200
        assert answer.url.path == "/admin/"


def tokens_used(owner: str) -> bool:
    """The server's and the API token, and the one with which the portal posts to itself."""
    with psycopg.connect(owner) as connection:
        tables = ("brands_authtoken", "brands_apitoken")
        counts = [connection.execute(f"SELECT count(last_used_at) FROM {table}").fetchone() for table in tables]
        return counts == [(2,), (1,)]


def sealed(owner: str) -> bool:
    with psycopg.connect(owner) as connection:
        row = connection.execute("SELECT count(*) = 0 FROM audit_entry WHERE position IS NULL").fetchone()
        return bool(row and row[0])
