"""Keeps tokens out of the log: Django writes the path of a request that failed (contract P4)."""

import logging
import re

_TOKEN = re.compile(r"/([pu])/[^/?\s]+")


class WithoutTokens(logging.Filter):
    """For handlers: passes every record, with the token of a preference or unsubscribe link cut out of its text."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if _TOKEN.search(text):
            record.msg, record.args = _TOKEN.sub(r"/\1/[token]", text), ()
        return True
