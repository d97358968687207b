"""The gate (contract T12), row by row and against a plain set."""

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.subjects.models import Link, Subject
from privacy_portal.tracking.models import Event
from tests.factories.brands import make_brand
from tests.factories.events import send

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
COMMAND = "Send Receipt"
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "identify": ("identify", {"event": "identify", "traits": {}}),
    "track": ("track", {"event": "Product Added"}),
    "command": ("track", {"event": COMMAND}),
    "page": ("page", {"event": "page"}),
    "screen": ("screen", {}),
    "group": ("group", {"groupId": "g"}),
}
KINDS = [TokenKind.SERVER, TokenKind.MOBILE, TokenKind.JS_TAG]
PASSES_NO_TRACK = {(kind, call) for kind in KINDS[:2] for call in ("identify", "command", "group")}


def wanted(suppressed: bool, no_track: bool, kind: str, call: str) -> str:
    if suppressed:
        return "suppressed"
    return "not_tracked" if no_track and (kind, call) not in PASSES_NO_TRACK else "stored"


def status_of(event_id: object) -> str:
    return Event.objects.get(event_id=event_id).status


@pytest.mark.parametrize("device", [False, True], ids=["by userId", "by linked device"])
@pytest.mark.parametrize(("suppressed", "no_track"), list(product([False, True], repeat=2)))
def test_every_cell_of_the_table(suppressed: bool, no_track: bool, device: bool) -> None:
    brand = make_brand(commands=[COMMAND])
    send(brand, "page", {"userId": "u1", "anonymousId": "a1", "event": "page"})
    Subject.objects.of(brand, "u1").update(suppressed=suppressed, no_track=no_track)
    identity = {"anonymousId": "a1"} if device else {"userId": "u1"}
    for kind, (name, (action, body)) in product(KINDS, CALLS.items()):
        event_id = send(brand, action, identity | body, kind)
        assert status_of(event_id) == wanted(suppressed, no_track, kind, name), (kind, name)


def test_a_batch_passes_and_stops_call_by_call() -> None:
    brand = make_brand(commands=[COMMAND])
    Subject.objects.ensure(brand, "u1")[0].stop_tracking()
    batch = [{"userId": "u1", "type": action, **body} for action, body in CALLS.values()]
    send(brand, "batch", {"batch": batch})
    statuses = Event.objects.calls().order_by("id").values_list("status", flat=True)
    assert list(statuses) == [wanted(False, True, TokenKind.SERVER, name) for name in CALLS]


def test_a_gate_is_of_one_brand_alone() -> None:
    one, other = make_brand(), make_brand()
    Subject.objects.ensure(one, "u1")[0].suppress()
    assert status_of(send(one, "screen", {"userId": "u1"})) == "suppressed"
    assert status_of(send(other, "screen", {"userId": "u1"})) == "stored"


def test_who_differs_by_a_space_or_case_is_someone_else() -> None:
    brand = make_brand()
    Subject.objects.ensure(brand, "u1")[0].suppress()
    for other in (" u1", "u1 ", "U1", "u1\u200b"):
        assert status_of(send(brand, "screen", {"userId": other})) == "stored"


def test_past_and_future_times_do_not_pass_a_gate() -> None:
    brand = make_brand()
    Subject.objects.ensure(brand, "u1")[0].suppress()
    for time in ("1999-01-01T00:00:00Z", "2999-01-01T00:00:00Z"):
        assert status_of(send(brand, "screen", {"userId": "u1", "timestamp": time})) == "suppressed"


PEOPLE, DEVICES = ["p0", "p1", "p2"], ["d0", "d1", "d2"]
STEPS = st.one_of(
    st.tuples(st.sampled_from(["suppress", "unsuppress", "stop_tracking", "resume_tracking"]), st.sampled_from(PEOPLE)),
    st.tuples(
        st.just("call"), st.sampled_from([None, *PEOPLE]), st.sampled_from([None, *DEVICES]),
        st.sampled_from(list(CALLS)), st.sampled_from(KINDS),
    ),
)  # fmt: skip


class Model:
    """The same rules over plain sets."""

    def __init__(self) -> None:
        self.suppressed: set[str] = set()
        self.no_track: set[str] = set()
        self.links: set[tuple[str, str]] = set()

    def move(self, verb: str, person: str) -> None:
        flag = self.suppressed if "suppress" in verb else self.no_track
        (flag.add if verb in ("suppress", "stop_tracking") else flag.discard)(person)

    def call(self, person: str | None, device: str | None, name: str, kind: str) -> str:
        if person and device:
            self.links.add((device, person))
        people = {person} if person else {p for d, p in self.links if d == device}
        return wanted(bool(people & self.suppressed), bool(people & self.no_track), kind, name)


def play(brand: Brand, model: Model, step: tuple[Any, ...]) -> None:
    if step[0] != "call":
        subject, _ = Subject.objects.ensure(brand, step[1])
        getattr(subject, step[0])()
        return model.move(*step)
    _, person, device, name, kind = step
    if not person and not device:
        return None
    action, body = CALLS[name]
    event_id = send(brand, action, {"userId": person, "anonymousId": device, **body}, kind)
    assert status_of(event_id) == model.call(person, device, name, kind)
    return None


@given(steps=st.lists(STEPS, min_size=5, max_size=20))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_gate_is_what_plain_sets_say(steps: list[tuple[Any, ...]]) -> None:
    brand, model = make_brand(commands=[COMMAND]), Model()
    for step in steps:
        play(brand, model, step)
    assert Link.objects.filter(subject__brand=brand).count() == len(model.links)
    gated = Event.objects.filter(brand=brand).exclude(status="stored")
    assert not gated.exclude(body=None, subject_key=None, anonymous_key=None).exists()
