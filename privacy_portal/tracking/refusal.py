"""Every way in which the tracking API says no: status, stable code, and the sentence "<field> <rule>"."""

from dataclasses import dataclass, field


@dataclass
class Refusal(Exception):
    status: int
    code: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)


def unknown_action() -> Refusal:
    return Refusal(404, "unknown_action", "action must be one of identify, track, page, screen, group, batch")


def unknown_sdk_action() -> Refusal:
    return Refusal(404, "unknown_action", "action must be one of batch, identify, track, page, screen, group, alias")


def unknown_event() -> Refusal:
    return Refusal(404, "unknown_event", "eventId is not known")


def method(allowed: str) -> Refusal:
    return Refusal(405, "method_not_allowed", f"method must be {allowed}", {"Allow": allowed})


def token_missing() -> Refusal:
    return Refusal(403, "token_missing", "auth-token header is missing")


def not_authorised() -> Refusal:
    """One answer for unknown, revoked and foreign: nobody learns which brands there are."""
    return Refusal(403, "not_authorised", "auth-token is not authorised for this brand")


def key_missing() -> Refusal:
    return Refusal(403, "token_missing", "writeKey must be the user name of Basic authentication, or in the body")


def key_not_authorised() -> Refusal:
    return Refusal(403, "not_authorised", "writeKey is not authorised")


def brand_needed() -> Refusal:
    """A token that serves every brand of its account cannot say for which one an SDK speaks."""
    return Refusal(403, "brand_needed", "writeKey must be an auth-token made for one brand, not for a whole account")


def origin_not_allowed() -> Refusal:
    return Refusal(403, "origin_not_allowed", "origin must be one of the brand's allowed_origins")


def forwarded_to_itself() -> Refusal:
    return Refusal(403, "forwarded_to_itself", "upstream_url must not lead back to the portal that forwards")


def rate_limited(seconds: int) -> Refusal:
    return Refusal(429, "rate_limited", "requests must stay within the token's rate", {"Retry-After": str(seconds)})


def content_type() -> Refusal:
    return Refusal(400, "content_type", "content-type must be application/json")


def content_encoding() -> Refusal:
    return Refusal(415, "content_encoding", "content-encoding must be gzip or absent")


def body_too_large(limit: int) -> Refusal:
    return Refusal(413, "body_too_large", f"body must be at most {limit} bytes")


def call_too_large(position: int, limit: int) -> Refusal:
    return Refusal(413, "call_too_large", f"batch[{position}] must be at most {limit} bytes")


def bad_body(rule: str) -> Refusal:
    return Refusal(400, "invalid_body", f"body {rule}")


def bad_field(name: str, rule: str) -> Refusal:
    return Refusal(400, "invalid_field", f"{name} {rule}")


def too_much_context(limit: int) -> Refusal:
    return Refusal(413, "context_too_large", f"context must be at most {limit} bytes for this many calls")


def fault() -> Refusal:
    return Refusal(500, "fault", "the request could not be handled: this is our fault and has been logged")


def unavailable() -> Refusal:
    return Refusal(503, "unavailable", "the store is unavailable: send again with the same messageId",
                   {"Retry-After": "2"})  # fmt: skip


def timed_out() -> Refusal:
    return Refusal(504, "timed_out", "the store did not answer in time: send again with the same messageId",
                   {"Retry-After": "2"})  # fmt: skip
