"""What a model says of its job's products: which it recommends, and how it rates them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from shared.features.history import MAX_LENGTH
from shared.predictions import MAX_K, ListName
from trainer_image.serving.asked import Asked, Ranked
from trainer_image.serving.lists import PlainList, RuledList
from trainer_image.serving.saved_model import SavedModel, Told, complete

MAIN, RATING = "serving_default", "rating"
_BATCH = 8192  # pairs that are rated, or products that are embedded, at once
# What one call may be asked for: queries, all products' scores of all of them, and past purchases.
_QUERIES, _SCORES, _EVENTS = 256, 2**26, 2**18


class Recommender:
    """A model with the products of its job.

    Args:
        products: raw values by id, each [products].
        available: the products that may be recommended; None: all.

    Attributes:
        recommends: whether the model finds the best of all products by itself.
        rates: whether it predicts ratings.
        max_k: how many products a list has at most.
        looks_back: whether it recommends by what the customer bought before.
    """

    def __init__(
        self,
        model: SavedModel,
        ids: Sequence[str],
        products: Mapping[str, Sequence[Any]],
        available: Collection[str] | None = None,
    ) -> None:
        offered = frozenset(ids if available is None else available)
        self._offered = np.array([product in offered for product in ids], bool)
        self._model = model
        self._ids = ids
        self._products = products
        self._rows = {product: row for row, product in enumerate(ids)}
        self.recommends = "candidate_ids" in model.outputs(MAIN)
        self._rate_by = RATING if self.recommends else MAIN
        self.rates = self._rate_by in model.signatures
        self.looks_back = model.looks_back
        self._reranks = self.recommends and ListName.DISCOVER.value in model.signatures
        # How many products the model finds is fixed in its graph; asking also compiles it.
        self.max_k = min(MAX_K, len(ids))
        if self.recommends:
            types = self._model.types(MAIN)
            found = self._model.call(MAIN, complete({key: [None] for key in types}, types))
            self.max_k = min(self.max_k, found["candidate_ids"].shape[1])

    def __contains__(self, product: str) -> bool:
        return product in self._rows

    def best(self, asked: Sequence[Asked]) -> list[Ranked]:
        """The best products of each request's list.

        A re-ranker has each list among the signatures. Otherwise all products are scored, so that
        a list has k where so many fit; and so they are where rules leave a list short.
        """
        best: dict[int, Ranked] = {}
        by_list: dict[ListName, list[int]] = {}
        for place, one in enumerate(asked):
            by_list.setdefault(one.request.list, []).append(place)
        for wanted, places in by_list.items():
            name = MAIN if wanted is ListName.ALL else wanted.value
            finds = self.recommends and name in self._model.signatures
            for batch in self._batches(asked, places):
                found = self._listed([asked[place] for place in batch], name if finds else None)
                best.update(zip(batch, found, strict=True))
        return [best[place] for place in range(len(asked))]

    def _batches(self, asked: Sequence[Asked], places: Sequence[int]) -> Iterator[list[int]]:
        """Places of requests that are answered at once, in bounded memory."""
        most = max(1, min(_QUERIES, _SCORES // max(1, len(self._ids))))
        batch: list[int] = []
        longest = 0
        for place in places:
            longest = max(longest, len(asked[place].past.told or ()))
            if batch and (len(batch) == most or (len(batch) + 1) * longest > _EVENTS):
                yield batch
                batch, longest = [], len(asked[place].past.told or ())
            batch.append(place)
        yield batch

    def _listed(self, asked: Sequence[Asked], signature: str | None) -> list[Ranked]:
        """Of requests for one list.

        Args:
            signature: which finds it; None: none does.
        """
        lists = [self._list_of(one) for one in asked]
        if signature is not None:
            self._search(
                signature, [one for one in lists if one.is_found(self.max_k, self._reranks)]
            )
        short = [(one, rows) for one in lists if len(rows := one.unscored())]
        scores = self._scores([one.asked for one, _ in short], [rows for _, rows in short])
        for (one, rows), scored in zip(short, scores, strict=True):
            one.take_scored(rows, scored)
        return [one.ranked() for one in lists]

    def _search(self, signature: str, lists: Sequence[PlainList | RuledList]) -> None:
        """Has lists take what a signature finds."""
        if not lists:
            return
        asked = [one.asked for one in lists]
        found = self._model.call(signature, self._rows_of(asked, signature), _pasts(asked))
        for one, ids, scores in zip(lists, found["candidate_ids"], found["scores"], strict=True):
            # What follows the last has no id.
            rows = [self._rows.get(product.decode(), -1) for product in ids]
            known = np.array(rows, np.int64)
            one.take_found(known[known >= 0], scores[known >= 0], reranked=self._reranks)

    def _list_of(self, asked: Asked) -> PlainList | RuledList:
        listed = partial(self._fits, asked)
        if asked.selection is None:
            return PlainList(asked, self._ids, self._offered, listed)
        return RuledList(asked, asked.selection, listed() & self._offered)

    def _fits(self, asked: Asked) -> np.ndarray[Any, Any]:
        """Which products are of a request's list, [products]."""
        if asked.request.list is ListName.ALL:
            return np.ones(len(self._ids), bool)
        own = np.zeros(len(self._ids), bool)
        own[[self._rows[product] for product in asked.past.had if product in self._rows]] = True
        return own if asked.request.list is ListName.BUY_AGAIN else ~own

    def ratings(
        self, asked: Sequence[Asked], products: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        """The predicted ratings of each request's products, of a model that rates or of none."""
        rows = [np.array([self._rows[product] for product in of], np.int64) for of in products]
        return [rated.tolist() for rated in self._rated(asked, rows)]

    def _rated(
        self, asked: Sequence[Asked], rows: Sequence[np.ndarray[Any, Any]]
    ) -> list[np.ndarray[Any, Any]]:
        """The same by rows of the products."""
        counts = [len(of) for of in rows]
        whose = np.repeat(np.arange(len(rows)), counts)
        pairs = np.concatenate([np.empty(0, np.int64), *rows])
        types = self._model.types(self._rate_by) if len(pairs) else {}
        ratings = [np.empty(0)]
        for start in range(0, len(pairs), _BATCH):
            batch = pairs[start : start + _BATCH].tolist()
            places, of = np.unique(whose[start : start + _BATCH], return_inverse=True)
            askers = [asked[place] for place in places]
            owners = of.tolist()
            # A column that describes both is the product's here, as when it was trained.
            given = {
                key: [self._products[key][row] for row in batch]
                if key in self._products
                else [askers[owner].query.get(key) for owner in owners]
                for key in types
            }
            pasts = [_newest(past) for past in _pasts(askers)]  # no tower reads more
            found = self._model.call(self._rate_by, complete(given, types), pasts, owners)
            ratings.append(found["rating"].reshape(-1))
        return np.split(np.concatenate(ratings), np.cumsum(counts)[:-1]) if counts else []

    def _scores(
        self, asked: Sequence[Asked], rows: Sequence[np.ndarray[Any, Any]]
    ) -> list[np.ndarray[Any, Any]]:
        """By which products are ordered, of those in some rows for each request."""
        if not asked:
            return []
        if not self.recommends:
            return self._rated(asked, rows)
        signature = "query_embedding"
        found = self._model.call(signature, self._rows_of(asked, signature), _pasts(asked))
        embedded = zip(rows, found["embedding"], strict=True)
        return [self._towers_scores(of, query) for of, query in embedded]

    def _towers_scores(
        self, rows: np.ndarray[Any, Any], query: np.ndarray[Any, Any]
    ) -> np.ndarray[Any, Any]:
        # To copy so many rows would take longer than to score all.
        if len(rows) > len(self._ids) // 4:
            scores: np.ndarray[Any, Any] = (self._embeddings @ query)[rows]
            return scores
        few: np.ndarray[Any, Any] = self._embeddings[rows] @ query
        return few

    @cached_property
    def _embeddings(self) -> np.ndarray[Any, Any]:
        """Of all products, [products, width]."""
        signature = "candidate_embedding"
        types = self._model.types(signature)
        found = []
        for start in range(0, len(self._ids), _BATCH):
            given = {key: list(self._products[key][start : start + _BATCH]) for key in types}
            found.append(self._model.call(signature, complete(given, types))["embedding"])
        return np.concatenate(found)

    def _rows_of(self, asked: Sequence[Asked], signature: str) -> dict[str, list[Any]]:
        types = self._model.types(signature)
        return complete({key: [one.query.get(key) for one in asked] for key in types}, types)


def _pasts(asked: Sequence[Asked]) -> list[Told]:
    return [one.past.told for one in asked]


def _newest(told: Told) -> Told:
    return told and sorted(told, key=lambda event: event[1])[:MAX_LENGTH]
