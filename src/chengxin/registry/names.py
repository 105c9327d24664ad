"""Names of subjects: normalising them for comparison, and the tokens by which they are found.

The face of three small modules: `spelling` (one spelling for each name, its core), `pinyin` (how it sounds)
and `tokens` (what the search index holds). Everything else imports from here.
"""

from __future__ import annotations

from chengxin.registry.pinyin import readings, split_syllables
from chengxin.registry.spelling import core_name, core_names, normalise_name, normalised
from chengxin.registry.tokens import blocking_keys, query_tokens, search_tokens

__all__ = [
    "blocking_keys",
    "core_name",
    "core_names",
    "normalise_name",
    "normalised",
    "query_tokens",
    "readings",
    "search_tokens",
    "split_syllables",
]
