"""Whatever someone may meet by name stands in docs/, and no setting or metric that is not there."""

import re

import pytest
from django.core.management import get_commands

import privacy_portal.urls  # so that every API module has registered its codes
from privacy_portal.brands.models import Role, TokenKind
from privacy_portal.brands.schema import SETTINGS, Setting
from privacy_portal.consent.models import Source
from privacy_portal.processes.checks import CHECKS
from privacy_portal.rest.problems import KINDS
from privacy_portal.tracking.call import ACTIONS
from privacy_portal.tracking.models import EventStatus
from privacy_portal.upstream.models import UpdateStatus
from regulations.destinations import DESTINATIONS
from regulations.models import RegulationStatus, StepStatus
from regulations.models.step import Result
from regulations.types import TYPES
from tests.docs import code
from tests.docs.code import page, words

assert privacy_portal.urls.urlpatterns


def first_column(text: str) -> set[str]:
    """What the first cells of a page's tables name between backticks."""
    cells = re.findall(r"^\| ([^|]*)", text, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([\w.]+)`", cell)}


@pytest.mark.parametrize(
    ("names", "pages"),
    [
        (code.settings_read(), ["settings.md"]),
        (set(SETTINGS), ["brand-settings.md"]),
        (code.tracking_codes(), ["tracking.md"]),
        (set(EventStatus.values), ["tracking.md"]),
        (set(ACTIONS), ["tracking.md"]),
        (set(TokenKind.values) - {"internal"}, ["tracking.md", "commands.md"]),
        (set(Role.values), ["console.md", "commands.md"]),
        (set(Source.values), ["consent.md"]),
        (set(UpdateStatus.values), ["upstream.md"]),
        (set(TYPES), ["regulations.md"]),
        (set(RegulationStatus.values), ["regulations.md"]),
        (set(StepStatus.values), ["regulations.md"]),
        (set(Result.values), ["regulations.md"]),
        (set(DESTINATIONS), ["regulations.md"]),
        (code.conflict_codes(), ["rest.md"]),
        (set(KINDS), ["rest.md"]),
        (set(CHECKS), ["processes.md"]),
        (code.log_events(), ["processes.md"]),
        (code.audit_actions(), ["console.md"]),
        (code.export_members(), ["access-export.md"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_every_name_is_on_its_page(names: set[str], pages: list[str]) -> None:
    assert names
    for name in pages:
        assert names - words(page(name)) == set(), f"missing in docs/{name}"


def test_every_command_is_documented() -> None:
    ours = {name for name, app in get_commands().items() if str(app).startswith(("privacy_portal", "regulations"))}
    assert ours - first_column(page("commands.md")) - words(page("commands.md")) == set()


def test_every_metric_is_documented_and_every_documented_one_exists() -> None:
    documented = {name for name in first_column(page("processes.md")) if name.startswith("portal_")}
    assert code.metrics() == documented


@pytest.mark.parametrize(
    ("name", "known"),
    [("settings.md", code.settings_read()), ("brand-settings.md", set(SETTINGS))],
)
def test_no_setting_is_documented_that_is_not_read(name: str, known: set[str]) -> None:
    assert first_column(page(name)) - known == set()


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.name)
def test_a_brand_setting_shows_its_default(setting: Setting) -> None:
    row = next(line for line in page("brand-settings.md").splitlines() if line.startswith(f"| `{setting.name}`"))
    assert row.split("|")[2].strip() == default_as_shown(setting.default)


def default_as_shown(default: object) -> str:
    if isinstance(default, list):
        return ", ".join(f"`{item['name']}`" for item in default) or "none"
    words = {True: "`on`", False: "`off`", "": "none", None: "none"}
    return words.get(default, f"`{default}`") if isinstance(default, str | bool | None) else f"`{default}`"
