"""What goes between a web process and its writer: a group of requests one way, what became of them the other."""

import msgspec

from privacy_portal.tracking.store.row import Request

Results = list[str | None]
"""For each request of a group its eventId, or None: the store did not take it."""

requests_in = msgspec.msgpack.Decoder(list[Request]).decode
results_in = msgspec.msgpack.Decoder(Results).decode
