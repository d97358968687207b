"""A member of staff at the console: makes tokens, revokes them, and reads when they were used."""

import re
from types import TracebackType
from typing import Any

import httpx

from tests.pages import check_page, every, text_of
from tests.portal import Portal

AUTH, API = "/admin/brands/authtoken/", "/admin/brands/apitoken/"


class Desk:
    def __init__(self, portal: Portal) -> None:
        self._http = httpx.Client(base_url=portal.url, timeout=20)
        self._pages: dict[str, str] = {}
        self._send("/admin/login/", username=portal.staff_user, password=portal.staff_password, next="/admin/")
        form = self._http.get(f"{AUTH}add/").text
        self._scope = re.findall(rf'<option value="(\d+)"[^>]*>\s*{portal.brand}', form)[0]

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, kind: type | None, error: Exception | None, trace: TracebackType | None) -> None:
        self._http.close()

    def auth_token(self, kind: str, rate: int = 100, burst: int = 500) -> str:
        """Make one for the portal's brand; its secret, as the page shows it once."""
        return self._made(AUTH, kind=kind, scope=self._scope, name=f"a {kind}", rate=rate, burst=burst)

    def api_token(self, role: str) -> str:
        return self._made(API, role=role, name=f"a {role}")

    def revoke(self, secret: str) -> None:
        """Returns when the console has answered."""
        answer = self._send(f"{self._pages[secret]}revoke/")
        assert answer.status_code == 302, answer.text

    def last_used(self, secret: str) -> str:
        """The token's cell of the list, in its last column but one."""
        page = self._pages[secret]
        tree = check_page(self._http.get(page.rpartition("/")[0].rpartition("/")[0] + "/").text)
        row = next(row for row in every(tree, "tr") if any(page in (a.get("href") or "") for a in every(row, "a")))
        return next(text_of(cell) for cell in every(row, "td") if "field-last_used" in (cell.get("class") or ""))

    def _made(self, url: str, **form: Any) -> str:
        answer = self._send(f"{url}add/", **form)
        assert answer.status_code == 200, answer.text
        (secret,) = set(re.findall(r"\bpp_\w+_[\w-]{43}", answer.text))
        self._pages[secret] = re.findall(rf'href="({url}\d+/)change/"', answer.text)[0]
        return str(secret)

    def _send(self, page: str, **form: Any) -> httpx.Response:
        if "csrftoken" not in self._http.cookies:
            self._http.get(page)
        return self._http.post(page, data={**form, "csrfmiddlewaretoken": self._http.cookies["csrftoken"]})
