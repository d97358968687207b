"""Behind a reverse proxy: who may say that a request came by HTTPS."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client

LOGIN = "/admin/login/"


@pytest.fixture
def behind_a_proxy(settings: Any) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("peer", "status"),
    [("10.1.2.3", 200), ("fd00::1", 200), ("203.0.113.9", 301), ("", 301), ("unix", 301)],
)
def test_only_a_trusted_proxy_says_that_it_was_https(behind_a_proxy: None, peer: str, status: int) -> None:
    told = Client(REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https").get(LOGIN)
    assert told.status_code == status


@pytest.mark.django_db
def test_a_trusted_proxy_says_as_well_that_it_was_not(behind_a_proxy: None) -> None:
    told = Client(REMOTE_ADDR="10.1.2.3", HTTP_X_FORWARDED_PROTO="http").get(LOGIN)
    assert (told.status_code, told["Location"]) == (301, f"https://testserver{LOGIN}")
