"""How people and clerks write things down: cases, spaces, typing errors, placeholders."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kith.demo import pools
from kith.demo.columns import Ints, choice, join, number_text, pick


def written_email(
    rng: np.random.Generator, clean: pa.Array, typos: float = 0.0, invalid: float = 0.0
) -> pa.Array:
    """The addresses as they are typed into a form.

    Args:
        typos: the share with a letter missing: a real-looking address that nobody else has.
        invalid: the share of words that are no address at all.
    """
    way = choice(rng, len(clean), (1 - 0.16 - typos - invalid, 0.06, 0.03, 0.04, 0.03, typos, invalid))
    forms = (
        clean,
        pc.utf8_title(clean),
        pc.utf8_upper(clean),
        join(" ", clean),
        join(clean, "  "),
        pc.utf8_replace_slice(clean, 1, 2, ""),
        pick(pools.INVALID_EMAILS, rng.integers(0, len(pools.INVALID_EMAILS), len(clean))),
    )
    return pc.choose(pa.array(way), *forms)


def written_phone(rng: np.random.Generator, national: Ints, placeholders: float = 0.0) -> pa.Array:
    """Nine national digits in the forms in which they are written; a share is a placeholder or a word."""
    digits = number_text(national)
    parts = [pc.utf8_slice_codeunits(digits, start, start + 3) for start in (0, 3, 6)]
    usual = 1 - placeholders
    way = choice(
        rng,
        len(national),
        [
            *(usual * share for share in (0.3, 0.25, 0.2, 0.15, 0.06, 0.04)),
            *(placeholders * share for share in (0.7, 0.3)),
        ],
    )
    forms = (
        join("+34 ", parts[0], " ", parts[1], " ", parts[2]),
        join("+34", digits),
        join(parts[0], " ", parts[1], " ", parts[2]),
        digits,
        join("0034 ", digits),
        join("(+34) ", parts[0], "-", parts[1], "-", parts[2]),
        pick(("000000000",), np.zeros(len(national), np.int64)),
        pick(pools.NULL_WORDS, rng.integers(0, 3, len(national))),
    )
    return pc.choose(pa.array(way), *forms)


def written_name(rng: np.random.Generator, names: pa.Array) -> pa.Array:
    """Names, a few shouted, lower-cased, mistyped, or a word that means nothing."""
    way = choice(rng, len(names), (0.86, 0.05, 0.05, 0.02, 0.02))
    forms = (
        names,
        pc.utf8_upper(names),
        pc.utf8_lower(names),
        pc.utf8_replace_slice(names, 1, 2, ""),
        pick(pools.NULL_WORDS, rng.integers(0, len(pools.NULL_WORDS), len(names))),
    )
    return pc.choose(pa.array(way), *forms)
