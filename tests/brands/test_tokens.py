"""Tokens: kept as hashes, opened by their secret alone, shut by revoking."""

import pytest

from privacy_portal.audit.models import COMMAND, Entry
from privacy_portal.brands.models import ApiToken, AuthToken, TokenKind
from privacy_portal.brands.secret import hashed
from privacy_portal.tracking.access import PUBLIC
from tests.factories.brands import make_brand

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def everything_stored(row: AuthToken | ApiToken) -> bytes:
    """All columns of a row as the database gives them back."""
    values = type(row).objects.filter(pk=row.pk).values_list().get()
    return b"|".join(
        bytes(value) if isinstance(value, bytes | memoryview) else repr(value).encode() for value in values
    )


def test_an_auth_token_is_kept_as_a_hash() -> None:
    brand = make_brand()
    token, secret = AuthToken.objects.issue("server", "acme", "acme", brand, actor=COMMAND)
    assert secret.encode() not in everything_stored(token)
    assert AuthToken.objects.get(digest=hashed(secret)) == token
    assert token.hint == secret[-4:]
    assert secret not in repr(list(Entry.objects.values()))


def test_an_api_token_is_kept_as_a_hash() -> None:
    token, secret = ApiToken.objects.issue("dpo", [make_brand()], actor=COMMAND)
    assert secret.encode() not in everything_stored(token)
    assert ApiToken.objects.presented(secret) == token
    assert ApiToken.objects.presented(secret + "x") is None
    assert secret not in repr(list(Entry.objects.values()))


def test_secrets_are_long_and_never_the_same() -> None:
    brand = make_brand()
    secrets = {AuthToken.objects.issue("server", "acme", "acme", brand, actor=COMMAND)[1] for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(secret) >= 43 for secret in secrets)


def test_a_revoked_auth_token_is_dead_and_revoking_again_changes_nothing() -> None:
    token, _ = AuthToken.objects.issue("server", "acme", "acme", make_brand(), actor=COMMAND)
    token.revoke(COMMAND)
    when = token.revoked_at
    token.revoke(COMMAND)
    assert token.revoked_at == when
    assert not AuthToken.objects.live().exists()
    assert Entry.objects.filter(action="auth_token.revoked").count() == 1


def test_a_revoked_api_token_is_dead_and_revoking_again_changes_nothing() -> None:
    token, secret = ApiToken.objects.issue("admin", actor=COMMAND)
    token.revoke(COMMAND)
    token.revoke(COMMAND)
    assert ApiToken.objects.presented(secret) is None
    assert Entry.objects.filter(action="api_token.revoked").count() == 1


def test_the_internal_token_is_made_once_and_kept_encrypted() -> None:
    brand = make_brand()
    secret = AuthToken.objects.internal(brand)
    assert AuthToken.objects.internal(brand) == secret
    token = AuthToken.objects.get(kind=TokenKind.INTERNAL)
    assert secret.encode() not in everything_stored(token)
    assert token.kind not in PUBLIC


def test_a_revoked_internal_token_is_replaced() -> None:
    brand = make_brand()
    first = AuthToken.objects.internal(brand)
    AuthToken.objects.get().revoke(COMMAND)
    assert AuthToken.objects.internal(brand) != first
