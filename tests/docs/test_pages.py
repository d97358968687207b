"""Pages of the documentation: links lead somewhere, each page is in the index, and it speaks only of what is there."""

import re
from pathlib import Path

import pytest

from tests.docs.code import DOCS, ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# `::test_…` after the link to its file, as pytest names it.
PROOF = re.compile(r"\]\((\.\./tests/[\w/]+\.py)\)|`::(test_\w+)`")


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{link} in {page.name}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{link} in {page.name}"


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    assert {page.name for page in DOCS.glob("*.md")} - {"README.md"} == set(re.findall(r"\]\(([\w-]+\.md)\)", index))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tables_have_as_many_cells_as_their_heading(page: Path) -> None:
    width = 0
    for line in page.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        width = width or cells
        assert cells == width, f"{line} in {page.name}"


def test_every_test_that_proves_a_promise_is_there() -> None:
    page, named = DOCS / "reliability.md", 0
    file = Path()
    for path, test in PROOF.findall(page.read_text(encoding="utf-8")):
        if path:
            file = page.parent / path
            continue
        assert f"\ndef {test}(" in file.read_text(encoding="utf-8"), f"{test} in {file.name}"
        named += 1
    assert named > 30
