"""What the ledger holds as withdrawn is never raised upstream, whatever a call says (contract G7)."""

import json
from importlib import import_module

import pytest
from django.db import connection

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.consent import ledger
from privacy_portal.consent.ledger import Change
from privacy_portal.consent.models import Source
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from privacy_portal.upstream.outgoing import lowered, without_grants
from tests.factories.events import identify, send
from tests.factories.forwarding import calls_in, carry
from tests.upstream.server import Upstream

engines = pytest.mark.engine
pytestmark = [pytest.mark.django_db(transaction=True)]


def withdraw(brand: Brand, user_id: str, channel: str) -> None:
    """As the person does on their page."""
    subject, _ = Subject.objects.ensure(brand, user_id)
    now = subject.created_at
    ledger.record([Change(subject.pk, channel, False, Source.PREFERENCE_CENTRE, received_at=now)], sticky=True)


def subscribed(call: dict[str, dict[str, dict[str, list[dict[str, object]]]]]) -> dict[object, object]:
    channels = call["traits"]["marketingPreferences"]["channels"]
    return {entry["channel"]: entry["subscribed"] for entry in channels}


@engines
def test_a_grant_of_a_channel_that_was_withdrawn_goes_out_as_false(brand: Brand, upstream: Upstream) -> None:
    withdraw(brand, "u1", "email")
    event_id = identify(brand, "u1", channels={"email": True, "sms": True})
    identify(brand, "u2", channels={"email": True})
    stored = bytes(Event.objects.get(event_id=event_id).body or b"")
    carry()
    told = [subscribed(call) for call in calls_in(upstream)]
    assert told == [{"email": False, "sms": True}, {"email": True}]
    assert bytes(Event.objects.get(event_id=event_id).body or b"") == stored


@engines
def test_a_grant_that_only_a_public_token_makes_is_left_out(brand: Brand, upstream: Upstream) -> None:
    said = [{"channel": "email", "subscribed": True}, {"channel": "sms", "subscribed": False},
            {"channel": "pigeon", "subscribed": True}]  # fmt: skip
    for kind in (TokenKind.MOBILE, TokenKind.JS_TAG, TokenKind.SERVER):
        identify(brand, "u1", kind, channels=said)
    carry()
    *public, own = (call["traits"]["marketingPreferences"]["channels"] for call in calls_in(upstream))
    assert public == [said[1:2]] * 2
    assert own == said


@engines
@pytest.mark.parametrize("kind", [TokenKind.MOBILE, TokenKind.JS_TAG])
def test_nor_is_it_sent_by_another_name_or_in_another_place(brand: Brand, upstream: Upstream, kind: str) -> None:
    """An upstream reads `event` in a batch, and may take the traits of any call's context for news."""
    said = [{"channel": "email", "subscribed": True}, {"channel": "sms", "subscribed": False}]
    traits = {"marketingPreferences": {"channels": said}}
    send(brand, "track", {"userId": "u1", "event": "identify", "traits": traits}, kind)
    send(brand, "group", {"userId": "u1", "groupId": "g", "traits": traits}, kind)
    identify(brand, "u1", kind, context={"traits": traits})
    identify(brand, "u1", kind, traits={"marketingPreferences": said})
    send(brand, "batch", {"batch": [{"event": "Bought", "userId": "u1"}], "context": {"traits": traits}}, kind)
    send(brand, "track", {"userId": "u1", "event": "identify", "traits": traits})
    carry()
    calls = calls_in(upstream)
    in_context = [call["context"] for call in calls if "context" in call]
    assert (calls[0]["type"], calls[0]["event"]) == ("track", "identify")
    assert [subscribed(call) for call in (*calls[:2], *in_context)] == [{"sms": False}] * 4
    assert calls[3]["traits"] == {"marketingPreferences": said[1:]}
    assert subscribed(calls[-1]) == {"email": True, "sms": False}, "a server's token may"


@engines
def test_what_waited_before_that_was_kept_of_it_grants_nothing_but_by_an_identify(
    brand: Brand, upstream: Upstream
) -> None:
    said = {"email": True, "sms": False}
    traits = {"marketingPreferences": {"channels": [{"channel": name, "subscribed": said[name]} for name in said]}}
    for kind in (TokenKind.MOBILE, TokenKind.JS_TAG, TokenKind.SERVER):
        identify(brand, "u1", kind, channels=said)
        identify(brand, "u1", kind, context={"traits": traits})
        send(brand, "track", {"userId": "u1", "event": "identify", "traits": traits}, kind)
    Event.objects.update(public=None)
    with connection.cursor() as cursor:
        cursor.execute(import_module("privacy_portal.tracking.migrations.0005_public").WAITING)
    told = Event.objects.order_by("id").values_list("public", flat=True)
    assert list(told) == [True, None, True, True, True, True, None, None, True]


@engines
def test_space_before_a_call_raises_nothing(brand: Brand, upstream: Upstream) -> None:
    said = [{"channel": "email", "subscribed": True}, {"channel": "sms", "subscribed": True}]
    text = json.dumps({"event": "identify", "userId": "u1", "traits": {"marketingPreferences": {"channels": said}}})
    withdraw(brand, "u1", "email")
    for kind in (TokenKind.SERVER, TokenKind.JS_TAG):
        send(brand, "identify", f"\n {text}".encode(), kind)
    carry()
    assert [subscribed(call) for call in calls_in(upstream)] == [{"email": False, "sms": True}, {}]


@engines
def test_what_counts_is_what_the_ledger_holds_when_it_is_sent(brand: Brand, upstream: Upstream) -> None:
    identify(brand, "u1", channels={"email": True})
    withdraw(brand, "u1", "email")
    carry()
    assert subscribed(calls_in(upstream)[0]) == {"email": False}


@engines
def test_no_other_call_raises_it_either(brand: Brand, upstream: Upstream) -> None:
    traits = {"marketingPreferences": {"channels": [{"channel": "email", "subscribed": True}]}}
    withdraw(brand, "u1", "email")
    send(brand, "group", {"userId": "u1", "groupId": "g", "traits": traits})
    send(brand, "track", {"userId": "u1", "event": "Bought", "context": {"traits": traits}})
    identify(brand, "u1", context={"traits": traits})
    carry()
    group, track, said = calls_in(upstream)
    assert [subscribed(call) for call in (group, track["context"], said["context"])] == [{"email": False}] * 3


@engines
def test_a_device_raises_nothing_for_those_who_use_it(brand: Brand, upstream: Upstream) -> None:
    send(brand, "screen", {"userId": "u1", "anonymousId": "a1"})
    withdraw(brand, "u1", "email")
    identify(brand, anonymousId="a1", channels={"email": True, "sms": True})
    carry()
    assert subscribed(calls_in(upstream)[-1]) == {"email": False, "sms": True}


TRAITS = {
    '{"marketingPreferences" : {"channels":[ {"subscribed" : true,"channel":"email"} ,{"channel":"sms"}]}, "x":1.0}':
    '{"marketingPreferences" : {"channels":[ {"subscribed" : false,"channel":"email"} ,{"channel":"sms"}]}, "x":1.0}',
    '{"marketingPreferences":[{"channel":"email","subscribed":true}]}':
    '{"marketingPreferences":[{"channel":"email","subscribed":false}]}',
    '{"marketingPreferences":{"channels":[{"channel":"\\u0065mail","subscribed":"yes"}]}}':
    '{"marketingPreferences":{"channels":[{"channel":"\\u0065mail","subscribed":false}]}}',
    '{"marketingPreferences":{"channels":[{"channel":"email"}]}}':
    '{"marketingPreferences":{"channels":[{"subscribed":false,"channel":"email"}]}}',
    '{"marketingPreferences":{"channels":[{"channel":"email","subscribed":true,"subscribed":false,"channel":"sms"}]}}':
    '{"marketingPreferences":{"channels":[{"channel":"email","subscribed":false,"subscribed":false,"channel":"sms"}]}}',
    '{"marketingPreferences":{"channels":[{"channel":"email","subscribed":true}]},"marketingPreferences":{}}':
    '{"marketingPreferences":{"channels":[{"channel":"email","subscribed":false}]},"marketingPreferences":{}}',
}  # fmt: skip


@pytest.mark.parametrize("call", ['{"traits":%s , "userId":"u"}', '\r\n\t {"traits":%s}\n'])
@pytest.mark.parametrize(("traits", "sent"), TRAITS.items())
def test_nothing_but_the_entry_is_touched(traits: str, sent: str, call: str) -> None:
    assert lowered((call % traits).encode(), {"email"}) == (call % sent).encode()


GRANTS = {
    '{"marketingPreferences" : {"channels":[ {"subscribed" : true,"channel":"email"} ,{"channel":null}]}, "x":1.0}':
    '{"marketingPreferences" : {"channels":[{"channel":null}]}, "x":1.0}',
    '{"marketingPreferences":[{"channel":"\\u0065mail","subscribed":"yes"}]}': '{"marketingPreferences":[]}',
    '{"\\u006darketingPreferences":[{"channel":"email"}]}': '{"\\u006darketingPreferences":[]}',
    '{"marketingPreferences":[{"channel":"email","subscribed":false,"subscribed":true}]}':
    '{"marketingPreferences":[]}',
    '{"marketingPreferences":[{"channel":"pigeon","channel":"email","subscribed":true}]}':
    '{"marketingPreferences":[]}',
    '{"marketingPreferences":[{"channel":"email","subscribed":false},{"channel":"pigeon","subscribed":true},null]}':
    '{"marketingPreferences":[{"channel":"email","subscribed":false},null]}',
    '{"marketingPreferences":[ {"channel":"email","subscribed": false}, {"channel":"x","subscribed":false}, null]}':
    '{"marketingPreferences":[ {"channel":"email","subscribed": false}, {"channel":"x","subscribed":false}, null]}',
}  # fmt: skip


@pytest.mark.parametrize("call", ['{"traits":%s , "userId":"u"}', '\n{"context":{"traits":%s }}'])
@pytest.mark.parametrize(("traits", "sent"), GRANTS.items())
def test_nothing_but_the_grant_is_left_out(traits: str, sent: str, call: str) -> None:
    assert without_grants((call % traits).encode()) == (call % sent).encode()


@engines
def test_a_withdrawal_by_a_public_token_says_nothing_else_to_any_reader(brand: Brand, upstream: Upstream) -> None:
    entry = b'{"channel":"email","subscribed":true,"subscribed":false}'
    said = b'{"event":"identify","anonymousId":"a1","traits":{"marketingPreferences":{"channels":[%s]}}}' % entry
    send(brand, "identify", said, TokenKind.JS_TAG)
    carry()
    assert entry.replace(b"true", b"false") in upstream.texts[0]


@pytest.mark.parametrize(
    "traits",
    [
        "{}", "null", '{"marketingPreferences":null}', '{"marketingPreferences":{"channels":"email"}}',
        '{"marketingPreferences":{"channels":[]}}', '{"marketingPreferences":{"channels":[1,"email",[true],null,{}]}}',
        '{"marketingPreferences":{"channels":[{"channel":{"email":true},"subscribed":true}]}}',
        '{"marketingPreferences":{"channels":[{"channel":"email","subscribed":false}]}}',
        '{"marketingPreferences":{"channels":[{"channel":"sms","subscribed":true}]}}',
        '{"other":{"channels":[{"channel":"email","subscribed":true}]}}',
    ],
)  # fmt: skip
def test_what_raises_nothing_stays_as_it_is(traits: str) -> None:
    call = f'{{"userId":"u","traits":{traits}}}'
    json.loads(call)
    assert lowered(call.encode(), {"email"}) == call.encode()
