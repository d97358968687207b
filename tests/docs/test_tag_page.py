"""docs/tag.md is copied into other people's pages: its hashes are those of what is served, and the tag stays small."""

import base64
import gzip
import hashlib

from tests.docs.code import ROOT
from tests.docs.tag_page import head, policy

TAG = ROOT / "privacy_portal/tracking/tag.js"


def hashed(kind: str, text: bytes) -> str:
    return f"{kind}-{base64.b64encode(hashlib.new(kind, text).digest()).decode()}"


def test_the_integrity_line_is_that_of_the_tag() -> None:
    assert f'integrity="{hashed("sha384", TAG.read_bytes())}"' in head()


def test_the_policy_lets_the_first_script_run() -> None:
    script = head().partition("<script>")[2].partition("</script>")[0]
    assert f"'{hashed('sha256', script.encode())}'" in policy()


def test_the_tag_is_under_5_kb_packed() -> None:
    assert len(gzip.compress(TAG.read_bytes(), 9)) < 5_000
