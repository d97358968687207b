"""The write key, which is an auth-token, where a header shows it: as the user name of Basic authentication."""

from base64 import b64decode


def shown_in(headers: dict[str, str]) -> str | None:
    """The key in a header. Any other scheme of `Authorization` shows none."""
    if token := headers.get("auth-token"):
        return token
    scheme, _, packed = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(packed.strip(), validate=True).decode().partition(":")[0] or None
    except ValueError:  # no base64, no ASCII at all, or no UTF-8 inside it
        return None
