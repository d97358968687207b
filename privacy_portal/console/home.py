"""The first page: what needs a human by legal deadline, what failed, and numbers counted from the rows themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from privacy_portal.audit.models import Entry
from privacy_portal.brands.console.page import page_url
from privacy_portal.brands.console.roles import Member
from privacy_portal.brands.console.times import Deadline, ago, deadline, moment
from privacy_portal.brands.rights import Right
from privacy_portal.durable import clock
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate, UpdateStatus
from regulations.admin.words import destination
from regulations.engine import updates_owed
from regulations.models import Regulation, RegulationStatus, Step, StepStatus

SHOWN = 25


@dataclass(frozen=True)
class Task:
    """One row of the list. `post`: where the button posts to; without it `url` is followed."""

    regulation: Regulation
    deadline: Deadline
    url: str
    action: str
    post: str = ""
    why: str = ""


@dataclass(frozen=True)
class Figure:
    label: str
    value: Any
    note: str = ""
    url: str = ""
    tone: str = "calm"


def home(who: Member) -> dict[str, Any]:
    now, brands = timezone.now(), who.brand_ids()
    mine = Regulation.objects.filter(brand_id__in=brands)
    first, more = tasks(who, mine, now)
    return {
        "tasks": first,
        "more_tasks": more,
        "figures": figures(mine, brands, now),
        "health": health(who, now),
        "failed_updates": failed_updates(brands),
        "is_new": not mine.exists(),
        "first_steps": first_steps(who),
    }


def tasks(who: Member, mine: Any, now: datetime) -> tuple[list[Task], int]:
    """What is owed to people, the nearest legal deadline first; and how many there are beyond those."""
    steps = Prefetch("steps", Step.objects.select_related("identify_update"))
    owed = mine.owed_to_people()
    first = owed.with_standing().order_by("due_at", "id").select_related("brand", "export").prefetch_related(steps)
    return [_task(who, one, now) for one in first[:SHOWN]], max(0, owed.count() - SHOWN)


def _task(who: Member, regulation: Regulation, now: datetime) -> Task:
    due = deadline(regulation.due_at, now, regulation.brand.setting("timezone"))
    if regulation.status == RegulationStatus.FINISHED:
        return _hand_over(who, regulation, due)
    url, why = page_url(regulation), _why(regulation)
    if regulation.is_open:
        return Task(regulation, due, url, "Follow", why=why)
    if not (regulation.can_retry and who.may(Right.MOVE)):
        return Task(regulation, due, url, "Look at it", why=why)
    return Task(regulation, due, url, "Retry", reverse("admin:regulations_regulation_retry", args=[regulation.pk]), why)


def _why(regulation: Regulation) -> str:
    """Why it is still on the list, in a few words."""
    steps = list(regulation.steps.all())
    if not regulation.is_open:
        return _at("Not done at", [step for step in steps if step.status in (StepStatus.FAILED, StepStatus.SKIPPED)])
    if regulation.status == RegulationStatus.SCHEDULED:
        return "Waits for an earlier request of this person, or for a worker"
    return _at("No answer yet from", [step for step in steps if _is_tried_again(step)]) or "Under way"


def _is_tried_again(step: Step) -> bool:
    update = step.identify_update
    return step.status == StepStatus.RETRYING or (update is not None and update.status == UpdateStatus.RETRYING)


def _at(words: str, steps: list[Step]) -> str:
    places = sorted({destination(step) for step in steps})
    return f"{words}: {', '.join(places)}" if places else ""


def _hand_over(who: Member, regulation: Regulation, due: Deadline) -> Task:
    url, why = page_url(regulation), "Collected; not handed over yet"
    if not who.may(Right.EXPORT):
        return Task(regulation, due, url, "Look at it", why=why)
    post = reverse("admin:regulations_export_download", args=[regulation.export.pk])
    return Task(regulation, due, url, "Download", post, why)


def figures(mine: Any, brands: list[int], now: datetime) -> list[Figure]:
    regulations = reverse("admin:regulations_regulation_changelist")
    open_now, owed = mine.open().count(), mine.owed_to_people()
    overdue = owed.filter(due_at__lte=now).count()
    week = owed.filter(due_at__gt=now, due_at__lte=now + timedelta(days=7)).count()
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    finished = mine.filter(status=RegulationStatus.FINISHED, finished_at__gte=month).count()
    suppressed = Subject.objects.filter(brand_id__in=brands, suppressed=True).count()
    failed = updates_owed().filter(brand_id__in=brands).count()
    return [
        Figure("Overdue", overdue, "past the legal deadline", f"{regulations}?deadline=overdue",
               "bad" if overdue else "good"),
        Figure("Due this week", week, "within seven days", f"{regulations}?deadline=week", "warn" if week else "calm"),
        Figure("Open", open_now, "scheduled or running", f"{regulations}?deadline=open"),
        Figure("Finished", finished, f"in {now:%B}", f"{regulations}?status__exact=finished"),
        Figure("Suppressed people", suppressed, "nothing is stored or sent",
               reverse("admin:subjects_subject_changelist") + "?suppressed__exact=1"),
        Figure("Failed updates", failed, "the upstream was not told",
               reverse("admin:upstream_identifyupdate_changelist") + "?status__exact=failed",
               "bad" if failed else "good"),
    ]  # fmt: skip


def health(who: Member, now: datetime) -> list[Figure]:
    """How the work behind it goes: the oldest job that could be done now, and the audit chain."""
    oldest = _oldest_waiting()
    late = oldest is not None and now - oldest > timedelta(minutes=5)
    told = [
        Figure("Oldest job waiting", ago(oldest, now) if oldest else "None",
               "is anything stuck? manage.py doctor says" if late else "work is taken up at once",
               tone="warn" if late else "good"),
    ]  # fmt: skip
    if who.may(Right.AUDIT):
        told.append(_seal(now))
    return told


def _oldest_waiting() -> datetime | None:
    moments = [
        Step.objects.due(clock.now()).order_by("due_at").values_list("due_at", flat=True).first(),
        IdentifyUpdate.objects.due(clock.now()).order_by("due_at").values_list("due_at", flat=True).first(),
        Regulation.objects.startable().order_by("created_at").values_list("created_at", flat=True).first(),
    ]
    return min((at for at in moments if at is not None), default=None)


def _seal(now: datetime) -> Figure:
    last = Entry.objects.sealed().last()
    waiting = Entry.objects.unsealed().first()
    late = waiting is not None and now - waiting.at > timedelta(minutes=1)
    value = moment(last.at) if last else "Not yet"
    note = (
        "entries wait to be sealed" if late else f"entry {last.position:,} closes the chain" if last else "no entry yet"
    )
    return Figure("Last audit seal", value, note, reverse("admin:audit_entry_changelist"), "warn" if late else "good")


def failed_updates(brands: list[int]) -> list[IdentifyUpdate]:
    """Those to send again here; a regulation's own are sent again by its retry."""
    return list(updates_owed().filter(brand_id__in=brands, regulation__isnull=True).order_by("-id")[:10])


def first_steps(who: Member) -> list[tuple[str, str, str]]:
    """What to do where nothing has happened yet: (what, why, address)."""
    steps = []
    if who.may(Right.SETTINGS):
        steps = [
            ("Set up your brand", "Channels, time zone, who is responsible.", reverse("admin:brands_brand_changelist")),
            (
                "Make an auth-token",
                "Your servers and pages send events with it.",
                reverse("admin:brands_authtoken_add"),
            ),
        ]
    if who.may(Right.REQUEST):
        steps.append(
            ("Ask for a regulation", "Access, Suppress, Delete: what a person asked for.",
             reverse("admin:regulations_regulation_add"))
        )  # fmt: skip
    return steps
