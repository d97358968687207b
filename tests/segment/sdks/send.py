"""An application on a server, with the real SDK: {settings, calls} on standard input, answers' statuses on output."""

import json
import re
import sys

from segment.analytics import request
from segment.analytics.client import Client

given = json.load(sys.stdin)
request._session.hooks["response"].append(lambda answer, **_: print(answer.status_code, flush=True))
client = Client(upload_interval=0.3, **given["settings"])
for call in given["calls"]:
    method = getattr(client, call.pop("type"))
    method(**{re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): value for name, value in call.items()})
client.flush()
client.shutdown()
