"""What there is to document, read from the code itself."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("privacy_portal", "regulations")
DOCS = ROOT / "docs"


@cache
def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def words(text: str) -> set[str]:
    """Everything that stands between backticks, and the words in it."""
    quoted = re.findall(r"`([^`\n]+)`", text)
    return set(quoted) | {word for phrase in quoted for word in re.findall(r"[\w.]+", phrase)}


@cache
def sources() -> dict[Path, ast.Module]:
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in files if "migrations" not in path.parts}


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of a function or method of one of these names."""
    for path, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in names:
                yield path, node


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def texts(call: ast.Call) -> list[str]:
    """The arguments that are written as text, in order."""
    return [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def settings_read() -> set[str]:
    readers = (
        "text", "whole_number", "choice", "url", "folder", "server", "redis_server", "broker", "database", "mail",
        "origin", "networks", "host_names", "secret", "secret_list", "data_folder",
    )  # fmt: skip
    path = ROOT / "privacy_portal/settings.py"
    found = {texts(call)[0] for where, call in calls(*readers) if where == path and texts(call)}
    own = re.compile(r"""environ\.get\(["'](PORTAL_\w+)""")
    for source in sources():
        found |= set(own.findall(source.read_text(encoding="utf-8")))
    return found


def tracking_codes() -> set[str]:
    return {texts(call)[0] for path, call in calls("Refusal") if path.name == "refusal.py"}


def conflict_codes() -> set[str]:
    """The first text that looks like a code, of everything that raises Conflict."""
    found = set()
    for _, call in calls("Conflict", "refuse_unless"):
        found |= {text for text in texts(call)[:1] if re.fullmatch(r"[a-z_]+", text)}
    return found


def audit_actions() -> set[str]:
    return {
        text
        for _, call in calls("record", "record_each", "audit")
        for text in texts(call)[:1]
        if re.fullmatch(r"\w+\.\w+", text)
    }


def log_events() -> set[str]:
    loggers = ("debug", "info", "warning", "error", "exception", "critical")
    found = set()
    for _, call in calls(*loggers):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id in ("logger", "log", "logging"):
            found |= {text.split()[0] for text in texts(call)[:1]}
    return found


def metrics() -> set[str]:
    """As Prometheus sees them: a counter's name ends in _total."""
    counters = {f"{texts(call)[0]}_total" for _, call in calls("Counter") if texts(call)}
    others = {texts(call)[0] for _, call in calls("Gauge", "Histogram", "Summary", "GaugeMetricFamily") if texts(call)}
    return counters | others


def export_members() -> set[str]:
    return {texts(call)[0] for path, call in calls("add") if path.name == "build.py" and texts(call)}
