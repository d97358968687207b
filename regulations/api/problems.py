"""The codes with which regulations, people and consent refuse (contract G1, C4)."""

from privacy_portal.rest.problems import Kind, register

PRECONDITIONS = (
    Kind("erasure_open", 409, "An erasure of the person is open", "It ends first."),
    Kind("already_open", 409, "One of this type is open for the person", "open names it."),
    Kind("not_suppressed", 409, "The person is not suppressed"),
    Kind("already_suppressed", 409, "The person is suppressed already"),
    Kind("not_no_track", 409, "The person is not under NoTrack"),
    Kind("already_no_track", 409, "The person is under NoTrack already"),
)
register(
    *PRECONDITIONS,
    Kind("not_cancellable", 409, "The regulation can no longer be cancelled", "Only one that is not yet running can."),
    Kind("not_retryable", 409, "The regulation has nothing to retry", "Only one that is partly done or failed has."),
    Kind("superseded", 409, "A later regulation undid what this one did", "Make a new one if it is wanted."),
    Kind("not_finished", 409, "The export is not there yet", "Ask again when the regulation has finished."),
    Kind("gone", 410, "The export is no longer there", "It expired after 30 days, or was erased with the person."),
    Kind("ambiguous", 409, "More than one person was found", "Look the person up by user_id."),
    Kind("suppressed", 409, "The person is suppressed", "Nothing can be granted until that has ended."),
)
