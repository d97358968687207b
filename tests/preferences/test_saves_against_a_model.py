"""Random saves, stops, undos and unsubscribes of one person with two tabs open, against a plain dictionary."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy_portal.brands.models import Brand
from privacy_portal.consent.ledger import rebuild
from privacy_portal.consent.models import Preference
from privacy_portal.preferences.links import issue_link
from privacy_portal.subjects.models import Subject
from tests.preferences.visitor import Visitor, visit

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
CHANNELS = ("email", "sms", "whatsapp", "facebook", "push")
tab = st.integers(0, 1)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("look"), tab, st.none()),
        st.tuples(st.just("save"), tab, st.sets(st.sampled_from(CHANNELS))),
        st.tuples(st.just("stop"), tab, st.none()),
        st.tuples(st.just("unsubscribe"), tab, st.sampled_from(CHANNELS)),
    ),
    min_size=1,
    max_size=7,
)
people: Iterator[int] = count(1)


def expected(
    model: dict[str, bool], shown: dict[str, bool | None], act: str, wish: set[str] | str | None
) -> dict[str, bool]:
    """What the acts come to, in four lines. `shown`: what that tab showed when it was opened."""
    if act == "stop":
        return dict.fromkeys(CHANNELS, False)
    if act == "unsubscribe":
        return model | {str(wish): False}
    return model | {name: name in (wish or ()) for name in CHANNELS if (name in (wish or ())) != bool(shown.get(name))}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=acts)
def test_the_page_does_what_a_dictionary_does(brand: Brand, steps: list) -> None:
    subject = Subject.objects.ensure(brand, f"model-{next(people)}")[0]
    tabs: list[Visitor] = [visit(subject), visit(subject)]
    shown: list[dict[str, bool | None]] = [{}, {}]
    model: dict[str, bool] = {}
    for act, number, wish in steps:
        visitor = tabs[number]
        if act != "look":
            model = expected(model, shown[number], act, wish)
        if act == "look":
            visitor.open()
        elif act == "unsubscribe":
            visitor.client.post(issue_link(subject, wish).unsubscribe_url, {"List-Unsubscribe": "One-Click"})
        else:
            visitor.press(act, wish)
        if act != "unsubscribe":
            assert visitor.page.ticked == {name for name, is_on in model.items() if is_on}
            shown[number] = dict(model)
        assert {p.channel: p.subscribed for p in Preference.objects.filter(subject=subject)} == model
    assert rebuild(subject) is False, "the ledger alone says the same"
