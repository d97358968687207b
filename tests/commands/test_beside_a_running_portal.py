"""Commands typed beside the running product: what they change holds in its processes within a second."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.portal import Portal
from tests.waiting import until

DOCTOR_PATIENCE = 30
SECONDS_TO_SEAL = 1


def status_of_a_track_call(portal: Portal, token: str, brand: str, event: str = "Order Completed") -> int:
    request = Request(
        f"{portal.url}/track/{brand}/v1/track",
        json.dumps({"userId": "command-user", "event": event}).encode(),
        {"auth-token": token, "content-type": "application/json"},
    )
    try:
        with urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as refused:
        with refused:
            return refused.code


def test_a_brand_and_its_token_are_open_within_a_second(portal: Portal) -> None:
    assert portal.manage("create_brand", "shop", "shop", "SHOP").returncode == 0
    made = portal.manage("create_auth_token", "shop", "shop", "SHOP", "--kind", "server")
    assert made.returncode == 0, made.stderr
    token = made.stdout.removesuffix("\n")
    until(lambda: status_of_a_track_call(portal, token, "shop/shop/SHOP") == 200, 1, "the new token to open the door")
    assert status_of_a_track_call(portal, token, portal.brand) == 403


def test_doctor_finds_nothing_where_all_is_well(portal: Portal) -> None:
    until(lambda: portal.manage("doctor").returncode == 0, DOCTOR_PATIENCE, "a portal of which doctor says all is well")


def test_the_audit_chain_and_the_preferences_are_whole(portal: Portal) -> None:
    assert "every one in its place" in portal.manage("verify_audit").stdout
    assert "0 differed" in portal.manage("rebuild_preferences").stdout


def audited(portal: Portal) -> tuple[int, int]:
    """How many acts are recorded, and how many of them wait to be sealed."""
    address = f"file:{portal.data_dir / 'portal.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        row = database.execute("SELECT count(*), count(*) - count(position) FROM audit_entry").fetchone()
        return int(row[0]), int(row[1])


def test_what_was_done_is_sealed_within_a_second(portal: Portal) -> None:
    before, _ = audited(portal)
    assert portal.manage("create_brand", "shop", "shop", "SEALED").returncode == 0
    assert audited(portal)[0] > before
    until(lambda: audited(portal)[1] == 0, SECONDS_TO_SEAL, "what was done to be sealed")


def test_a_secret_from_standard_input_never_comes_back(portal: Portal, tmp_path: Path) -> None:
    portal.manage("create_brand", "shop", "shop", "SECRETIVE")
    stored = portal.manage("configure_brand", "shop/shop/SECRETIVE", "upstream_token=-", stdin="hush-hush\n")
    assert stored.returncode == 0, stored.stderr
    shown = portal.manage("configure_brand", "shop/shop/SECRETIVE").stdout
    assert "upstream_token=(set)" in shown
    assert "hush-hush" not in shown + stored.stdout + portal.output
    files = [path for path in portal.data_dir.rglob("*") if path.is_file()]
    assert not [path.name for path in files if b"hush-hush" in path.read_bytes()]
