"""deploy/nginx: nginx takes the example, and it passes on and keeps quiet what the portal counts on."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from privacy_portal.tracking.body import DRAIN_BYTES
from tests.portal import ROOT, free_port

CONF = (ROOT / "deploy" / "nginx" / "privacy-portal.conf").read_text(encoding="utf-8")
PASSING = ("proxy", "fastcgi", "uwsgi", "scgi")
TEXT = re.sub(r"#.*", "", CONF)


def test_every_block_and_line_of_it_is_ended() -> None:
    assert TEXT.count("{") == TEXT.count("}")
    assert TEXT.rpartition("}")[2].strip() == ""
    assert not [part for part in re.split(r"[{};]", TEXT) if "\n" in part.strip()]


def test_it_writes_no_address_and_no_path_to_a_log() -> None:
    assert TEXT.count("server {") == TEXT.count("access_log off;") == TEXT.count("access_log")
    assert re.findall(r"error_log \S+ (\w+);", TEXT) == ["crit"] * TEXT.count("server {")


def test_the_portal_itself_refuses_what_is_too_large() -> None:
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", TEXT)
    assert int(megabytes) * 1024 * 1024 > DRAIN_BYTES


def test_what_a_caller_says_of_its_own_address_does_not_get_through() -> None:
    assert TEXT.count("proxy_set_header X-Forwarded-For $remote_addr;") == TEXT.count("server {")
    assert "$proxy_add_x_forwarded_for" not in TEXT


def test_both_tracking_doors_can_have_web_processes_of_their_own() -> None:
    for door in ("/track/", "/v1/"):
        assert re.search(rf"location {door} \{{\s+proxy_pass http://privacy_portal_tracking;", TEXT)


def test_nobody_outside_reads_metrics() -> None:
    assert re.search(r"location = /metrics \{\s+return 404;", TEXT)


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not on the PATH")
def test_nginx_takes_it(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    conf = re.sub(r"/etc/letsencrypt/live/[\w.]+|/var/log/nginx", str(tmp_path), CONF)
    conf = re.sub(r"listen (\S*?)(?:80|443)\b", lambda found: f"listen {found[1]}{free_port()}", conf)
    folders = "".join(f"{kind}_temp_path {tmp_path};\n" for kind in ("client_body", *PASSING))
    whole = f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{folders}{conf}\n}}\n"
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
    done = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "privacy.example.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
