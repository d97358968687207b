"""The promises of promises.py under atheris, which keeps what reaches new code and goes on from there.

    python -m tests.fuzz.guided 250000

Its first byte says which promise an input is for. It ends the process itself, with another code than 0 when a promise
was broken; the input is then in the message.
"""

import io
import os
import sys
from contextlib import redirect_stderr
from itertools import product
from pathlib import Path

import atheris
import django
from django.core.management import call_command

import tests.environment  # noqa: F401  (before Django reads its settings)
from tests.fuzz.corpus import CALLS, TIMES, WORDS
from tests.fuzz.counting import ASKED, SEED, inputs, taken

INSTRUMENTED = ["privacy_portal.tracking", "privacy_portal.timestamps"]
# It names each module that it works on.
with redirect_stderr(io.StringIO()), atheris.instrument_imports(include=INSTRUMENTED, enable_loader_override=False):
    django.setup()
    from tests.fuzz import promises

RUNS = int(sys.argv[1])
FOLDER = Path(os.environ["PORTAL_DATA_DIR"])
PROMISES = [
    promises.json_is_read_as_python_reads_it,
    promises.a_time_is_a_moment_or_refused,
    promises.gzip_is_unpacked_whole_or_refused,
    promises.a_key_is_found_or_not,
    *(
        lambda text, action=action: promises.a_call_is_kept_as_it_came(text, action)
        for action in CALLS
        if action != "alias"
    ),
    *(lambda text, action=action: promises.an_sdks_call_is_kept_as_it_came(text, action) for action in CALLS),
]


counted = inputs("guided", (RUNS + 1) / ASKED)


def hold(data: bytes) -> None:
    next(counted)
    if not data:
        return
    try:
        taken["guided"] += PROMISES[data[0] % len(PROMISES)](data[1:])
    except Exception as error:
        error.add_note(f"promise {data[0] % len(PROMISES)}, the input was {data[1:]!r}")
        raise


def quoted(word: bytes) -> str:
    """As libFuzzer's dictionaries want it."""
    return '"' + "".join(rf"\x{byte:02x}" for byte in word) + '"'


def main() -> None:
    call_command("migrate", verbosity=0)
    corpus, words = FOLDER / "corpus", FOLDER / "words"
    corpus.mkdir()
    texts = [text for texts in CALLS.values() for text in texts] + TIMES
    for at, (promise, text) in enumerate(product(range(len(PROMISES)), texts)):
        (corpus / str(at)).write_bytes(bytes([promise]) + text)
    words.write_text("\n".join(quoted(word) for word in WORDS if len(word) < 60))
    limits = [f"-runs={RUNS}", f"-seed={SEED}", "-max_len=4096", "-len_control=0", "-timeout=20"]
    limits += [f"-artifact_prefix={FOLDER}/", "-verbosity=0", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, f"-dict={words}", str(corpus)], hold, internal_libfuzzer=True)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
