"""What docs/tag.md tells people to copy."""

import re

from tests.docs.code import page


def head(portal: str = "https://portal.example.com", **data: str) -> str:
    """The two script elements for a portal at this address, with these data- attributes instead of the page's."""
    html = re.search(r"```html\n(.*?)```", page("tag.md"), re.DOTALL)
    assert html
    attributes = " ".join(f'data-{name}="{value}"' for name, value in data.items())
    return re.sub(r"data-brand=.*?(?=>)", attributes, _at(portal, html[1])) if data else _at(portal, html[1])


def policy(portal: str = "https://portal.example.com") -> str:
    found = re.search(r"^Content-Security-Policy: (.*)$", page("tag.md"), re.MULTILINE)
    assert found
    return _at(portal, found[1])


def _at(portal: str, text: str) -> str:
    return text.replace("https://portal.example.com", portal)
