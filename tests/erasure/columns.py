"""What each column that can hold text, bytes or JSON has to do with people.

Every one is declared here: `Never` with why nothing personal gets in, `Erased` with what takes it out, or `Kept` with
what it holds instead of the person (docs/evidence.md names ground and period). A new column without a line here fails a
test, and so does a line without a column.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Never:
    why: str


@dataclass(frozen=True)
class Erased:
    by: str


@dataclass(frozen=True)
class Kept:
    as_what: str


Declared = Never | Erased | Kept

CHOICE = Never("one of a fixed set of words")
SECRET = Never("a secret of ours, as a hash or encrypted")
NAMED_BY_STAFF = Never("what staff call a token, tenant or group")
STAFF = Never("of a member of staff, who has an account, not of a data subject")
FRAMEWORK = Never("Django's names of its own models and permissions")
KEYED = Kept("a keyed hash")
ID = Never("an id that names a row")
CHANNEL = Never("the name of a channel of the brand; an unknown one never gets here")
CHAIN = Never("a hash over an audit entry, which holds ids alone")
UPSTREAMS_WORD = Erased("Regulation.forget_person")

COLUMNS: dict[str, dict[str, Declared]] = {
    "audit_chainhead": {"hash": CHAIN},
    "audit_entry": {
        "actor_kind": CHOICE,
        "actor_id": Never("the id of a token or of staff"),
        "action": CHOICE,
        "object_kind": CHOICE,
        "object_ref": ID,
        "subject_ref": Kept("the subject id"),
        "detail": Never("ids and words of ours, as its callers promise"),
        "previous": CHAIN,
        "hash": CHAIN,
    },
    "auth_group": {"name": NAMED_BY_STAFF},
    "auth_permission": {"name": FRAMEWORK, "codename": FRAMEWORK},
    "auth_user": dict.fromkeys(("password", "username", "first_name", "last_name", "email"), STAFF),
    "brands_apitoken": {"role": CHOICE, "name": NAMED_BY_STAFF, "digest": SECRET, "hint": SECRET},
    "brands_authtoken": {
        "kind": CHOICE,
        "client": NAMED_BY_STAFF,
        "account": NAMED_BY_STAFF,
        "name": NAMED_BY_STAFF,
        "digest": SECRET,
        "hint": SECRET,
        "sealed": SECRET,
    },
    "brands_brand": {
        "client": NAMED_BY_STAFF,
        "account": NAMED_BY_STAFF,
        "code": NAMED_BY_STAFF,
        "values": Never("settings of the brand"),
        "secrets": SECRET,
    },
    "brands_staffrole": {"role": CHOICE},
    "consent_entry": {
        "channel": CHANNEL,
        "source": CHOICE,
        "subject_id": Kept("the subject id"),
        "event_ref": ID,
        "wording": Never("the brand's text beside a checkbox; a caller's own wording is evidence"),
        "wording_version": Never("a hash of that text"),
    },
    "consent_evidence": dict.fromkeys(
        ("source", "wording", "address", "agent"), Erased("the erase step of the event store")
    ),
    "consent_preference": {"channel": CHANNEL, "source": CHOICE, "subject_id": Kept("the subject id")},
    "django_admin_log": {
        "object_id": ID,
        "object_repr": Never("a row's name for staff, which is an id or what staff called it"),
        "change_message": Never("names of fields that staff changed"),
    },
    "django_content_type": {"app_label": FRAMEWORK, "model": FRAMEWORK},
    "django_session": {
        "session_key": STAFF,
        "session_data": Never("who of staff is signed in, and messages to them that name ids alone"),
    },
    "durable_heartbeat": {"name": CHOICE},
    "durable_failingchore": {"name": CHOICE, "error": Never("the type of an error, not its text")},
    "preferences_preferencetoken": {
        "digest": SECRET,
        "kind": CHOICE,
        "channel": CHANNEL,
        "subject_id": Kept("the subject id"),
    },
    "regulations_export": {
        "status": CHOICE,
        "name": Never("made of the regulation's id; the file goes in the erase step of the event store"),
        "sha256": Never("a hash over a whole zip file"),
        "regulation_id": ID,
        "subject_id": Kept("the subject id"),
    },
    "regulations_regulation": {
        "id": ID,
        "type": CHOICE,
        "status": CHOICE,
        "reason": Erased("Regulation.forget_person"),
        "ticket_ref": Erased("Regulation.forget_person"),
        "intake": Erased("Regulation.forget_person"),
        "language": Erased("Regulation.forget_person"),
        "requested_by_kind": CHOICE,
        "requested_by_id": Never("the id of a token or of staff"),
        "subject_id": Kept("the subject id"),
    },
    "regulations_step": {
        "destination": CHOICE,
        "action": CHOICE,
        "status": CHOICE,
        "result": CHOICE,
        "counts": Kept("numbers"),
        "last_error": UPSTREAMS_WORD,
        "regulation_id": ID,
        "identify_update_id": ID,
    },
    "rest_idempotencykey": {
        "key": KEYED,
        "fingerprint": KEYED,
        "sealed": Never("ids of what a request made, or a link it answered, encrypted; gone after a day"),
    },
    "subjects_contactpoint": {
        "kind": CHOICE,
        "key": Erased("the erase step of the event store"),
        "subject_id": Kept("the subject id"),
    },
    "subjects_keycheck": {"value": Never("a hash of a constant")},
    "subjects_link": {"anonymous_key": KEYED, "subject_id": Kept("the subject id")},
    "subjects_subject": {"id": ID, "key": KEYED, "user_id": Erased("Subject.forget")},
    "tracking_event": {
        "event_id": ID,
        "subject_key": Erased("the erase step of the event store"),
        "anonymous_key": Erased("the erase step of the event store"),
        "action": CHOICE,
        "status": CHOICE,
        "body": Erased("the erase step of the event store"),
        "errors": Erased("the erase step of the event store"),
    },
    "tracking_forwarding": {
        "status": CHOICE,
        "last_error": Never("a status, or what became of a request; no word of the upstream's"),
    },
    "tracking_message": {"key": KEYED, "event_id": ID},
    "upstream_identifyupdate": {
        "id": ID,
        "status": CHOICE,
        "regulation": Never("type and id of a regulation"),
        "event_ref": Never("the id that the upstream gave"),
        "upstream_status": Never("a word of the upstream's"),
        "last_error": UPSTREAMS_WORD,
        "subject_id": Kept("the subject id"),
    },
    "upstream_pace": {"upstream": Never("the host of an upstream, or the path of a brand")},
}
