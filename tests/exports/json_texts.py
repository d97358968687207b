"""JSON texts as callers may spell them: odd numbers, escapes, white space, repeated keys."""

import json

from hypothesis import strategies as st

_space = st.sampled_from(["", "", "", " ", "\n", "\t", "\r\n  "])
_numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)
_characters = st.characters(exclude_categories=["Cs"])
_strings = st.tuples(st.text(_characters, max_size=8), st.booleans()).map(
    lambda said: json.dumps(said[0], ensure_ascii=said[1])
)
_scalars = st.one_of(st.sampled_from(["null", "true", "false", '"\\u0000"', '"\\/"']), _numbers, _strings)


def _array(items: list[str], space: str) -> str:
    return "[" + space + f"{space},{space}".join(items) + space + "]"


def _object(members: list[tuple[str, str]], space: str) -> str:
    return "{" + space + f",{space}".join(f"{key}{space}:{space}{value}" for key, value in members) + space + "}"


def _containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(_array, st.lists(inner, max_size=4), _space),
        st.builds(_object, st.lists(st.tuples(_strings, inner), max_size=4), _space),
    )


values = st.recursive(_scalars, _containers, max_leaves=12)
objects = st.builds(_object, st.lists(st.tuples(_strings, values), max_size=5), _space)
