"""Who may read /metrics: a token or an allow-list; by default this machine, and nobody through a proxy."""

from ipaddress import ip_network
from typing import Any

import pytest

from privacy_portal.processes.probes import may_read_metrics


def asked(client: str = "127.0.0.1", **headers: str) -> dict[str, Any]:
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "GET", "path": "/metrics", "client": (client, 5000), "headers": lines}


@pytest.mark.parametrize(("client", "may"), [("127.0.0.1", True), ("::1", True), ("192.0.2.1", False)])
def test_by_default_this_machine_may(client: str, may: bool) -> None:
    assert may_read_metrics(asked(client)) is may


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip"])
def test_who_comes_through_a_proxy_may_not(header: str) -> None:
    assert not may_read_metrics(asked(**{header: "127.0.0.1"}))


def test_an_allow_list_takes_the_place_of_this_machine(settings: Any) -> None:
    settings.METRICS_ALLOWED = [ip_network("192.0.2.0/24")]
    assert may_read_metrics(asked("192.0.2.1"))
    assert may_read_metrics(asked("::ffff:192.0.2.1"))
    assert not may_read_metrics(asked("127.0.0.1"))


def test_a_token_opens_them_from_anywhere_and_shuts_them_for_others(settings: Any) -> None:
    settings.METRICS_TOKEN = "a-token-for-the-scraper"
    assert may_read_metrics(asked("192.0.2.1", authorization="Bearer a-token-for-the-scraper", forwarded="for=x"))
    assert not may_read_metrics(asked(authorization="Bearer wrong"))
    assert not may_read_metrics(asked())


def test_a_token_and_a_list_each_suffice(settings: Any) -> None:
    settings.METRICS_TOKEN = "a-token-for-the-scraper"
    settings.METRICS_ALLOWED = [ip_network("192.0.2.0/24")]
    assert may_read_metrics(asked("192.0.2.1"))
    assert may_read_metrics(asked(authorization="Bearer a-token-for-the-scraper"))
    assert not may_read_metrics(asked("198.51.100.1"))
