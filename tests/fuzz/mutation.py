"""New inputs out of old ones: bytes flipped, words put in, parts repeated, moved, cut out, taken from another."""

from collections.abc import Callable
from random import Random

Change = Callable[[Random, bytes, "Mutator"], bytes]
MOST = 20_000


class Mutator:
    """The same seed makes the same inputs. `words`: what is put in whole; `seeds`: what is begun with."""

    def __init__(self, seeds: list[bytes], words: list[bytes], random: Random) -> None:
        self.seeds, self.words, self._random = seeds, words, random

    def make(self) -> bytes:
        """A seed, changed up to six times; one in eight as it is."""
        text = self._random.choice(self.seeds)
        for _ in range(self._random.choice((0, 1, 1, 1, 2, 2, 3, 6))):
            text = self._random.choice(CHANGES)(self._random, text, self)[:MOST]
        return text


def _place(random: Random, text: bytes) -> int:
    return random.randrange(len(text) + 1)


def _part(random: Random, text: bytes) -> tuple[int, int]:
    begins = _place(random, text)
    return begins, min(len(text), begins + random.choice((1, 1, 2, 4, 8, 32)))


def _flip(random: Random, text: bytes, _: Mutator) -> bytes:
    if not text:
        return text
    at = random.randrange(len(text))
    return text[:at] + bytes([text[at] ^ 1 << random.randrange(8)]) + text[at + 1 :]


def _any_byte(random: Random, text: bytes, _: Mutator) -> bytes:
    begins, ends = _part(random, text)
    return text[:begins] + random.randbytes(random.choice((1, 1, 2, 4))) + text[ends:]


def _word_in(random: Random, text: bytes, mutator: Mutator) -> bytes:
    at = _place(random, text)
    return text[:at] + random.choice(mutator.words) + text[at:]


def _word_for_word(random: Random, text: bytes, mutator: Mutator) -> bytes:
    """What keeps a text valid most often: another word where one stands."""
    standing = [word for word in random.sample(mutator.words, min(len(mutator.words), 12)) if word in text]
    if not standing:
        return _word_in(random, text, mutator)
    return text.replace(random.choice(standing), random.choice(mutator.words), 1)


def _cut(random: Random, text: bytes, _: Mutator) -> bytes:
    begins, ends = _part(random, text)
    return text[:begins] + text[ends:]


def _end(random: Random, text: bytes, _: Mutator) -> bytes:
    return text[: _place(random, text)]


def _again(random: Random, text: bytes, _: Mutator) -> bytes:
    begins, ends = _part(random, text)
    return text[:ends] + text[begins:ends] * random.choice((1, 1, 2, 100)) + text[ends:]


def _member(random: Random, text: bytes, mutator: Mutator) -> bytes:
    """One more member at the front of some object: keys twice, fields of every kind."""
    objects = [at for at, byte in enumerate(text) if byte == ord("{")]
    if not objects:
        return text
    at = random.choice(objects) + 1
    key, value = random.choice(mutator.words), random.choice([*mutator.words, *mutator.seeds])
    return text[:at] + key + b":" + value + b"," + text[at:]


def _splice(random: Random, text: bytes, mutator: Mutator) -> bytes:
    other = random.choice(mutator.seeds)
    return text[: _place(random, text)] + other[_place(random, other) :]


CHANGES: tuple[Change, ...] = (
    _flip, _any_byte, _word_in, _word_for_word, _word_for_word, _cut, _end, _again, _member, _member, _splice,
)  # fmt: skip
