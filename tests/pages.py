"""What must hold of every page that any test opens: valid HTML, a title that names the heading, ids once, labels."""

import re
from xml.etree.ElementTree import Element

import html5lib

NAMESPACE = "{http://www.w3.org/1999/xhtml}"
LABELLED = ("select", "textarea", "input")
NEED_NO_LABEL = {"hidden", "submit", "button", "image", "reset"}


def check_page(html: str, headers: dict[str, str] | None = None) -> Element:
    """Check a whole page; returns its tree. With `headers` (any case), a Content-Security-Policy must be among them."""
    tree = html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("etree")).parse(html)
    _check_heading(tree)
    _check_ids(tree)
    _check_labels(tree)
    if headers is not None:
        names = {name.lower(): value for name, value in headers.items()}
        assert "default-src 'none'" in names.get("content-security-policy", ""), "no strict Content-Security-Policy"
    return tree


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def every(tree: Element, name: str) -> list[Element]:
    return tree.findall(f".//{NAMESPACE}{name}")


def _check_heading(tree: Element) -> None:
    headings = every(tree, "h1")
    assert len(headings) == 1, f"{len(headings)} h1 headings"
    title, heading = text_of(every(tree, "title")[0]), text_of(headings[0])
    assert heading, "an empty heading"
    assert heading in title, f"the title {title!r} does not name the heading {heading!r}"


def _check_ids(tree: Element) -> None:
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    twice = {each for each in ids if ids.count(each) > 1}
    assert not twice, f"ids used twice: {twice}"


def _check_labels(tree: Element) -> None:
    labels = {label.get("for") for label in every(tree, "label")}
    inside = {id(field) for label in every(tree, "label") for field in label.iter()}
    for name in LABELLED:
        for field in every(tree, name):
            if field.get("type") in NEED_NO_LABEL:
                continue
            named = field.get("aria-label") or field.get("aria-labelledby") or field.get("id") in labels
            assert named or id(field) in inside, f"a field without label: {name} {field.get('name')}"


def plain(html: str) -> str:
    """The text of a page on one line, for looking up sentences."""
    without = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", without).replace("\u2060", "").split())
