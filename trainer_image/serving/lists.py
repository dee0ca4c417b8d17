"""Lists in the making: out of what a model finds, and of what is scored one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from shared.predictions import Applied, CapReached, PinLeftOut
from shared.rules_of_lists.choosing import Chooser, best_first
from trainer_image.serving.asked import Asked, Ranked, Selection

_ROOM = 2  # how many products that fit an index is expected to find for each place
_FIRST = 1024  # of all products that fit, how many are put in order before the others are


class PlainList:
    """A list without rules, either of what a model finds or of all that fits.

    Args:
        ids: [products].
        offered: which may be recommended, [products].
        listed: which are of the list that is asked for.
    """

    def __init__(
        self,
        asked: Asked,
        ids: Sequence[str],
        offered: np.ndarray[Any, Any],
        listed: Callable[[], np.ndarray[Any, Any]],
    ) -> None:
        self.asked = asked
        self._ids, self._offered, self._listed = ids, offered, listed
        self._best: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None = None

    def is_found(self, finds: int, reranks: bool) -> bool:
        return True

    def take_found(
        self, rows: np.ndarray[Any, Any], scores: np.ndarray[Any, Any], *, reranked: bool
    ) -> None:
        k = self.asked.request.k
        kept = np.flatnonzero(self._offered[rows])[:k]
        # Of an index that found what is not available, or less than it was asked for, more fits.
        if reranked or len(kept) == k or len(kept) == np.count_nonzero(self._fitting()):
            self._best = rows[kept], scores[kept]

    def unscored(self) -> np.ndarray[Any, Any]:
        if self._best is not None:
            return np.empty(0, np.int64)
        return np.flatnonzero(self._fitting())

    def _fitting(self) -> np.ndarray[Any, Any]:
        fitting: np.ndarray[Any, Any] = self._listed() & self._offered
        return fitting

    def take_scored(self, rows: np.ndarray[Any, Any], scores: np.ndarray[Any, Any]) -> None:
        order = np.argsort(-scores, kind="stable")[: self.asked.request.k]
        self._best = rows[order], scores[order]

    def ranked(self) -> Ranked:
        rows, scores = self._best or (np.empty(0, np.int64), np.empty(0))
        return Ranked([self._ids[row] for row in rows], scores.tolist())


class RuledList:
    """A list under rules: out of what a model finds and, where that runs short, of all that fits.

    Args:
        listed: which products are of the list that is asked for and may be recommended,
            [products].
    """

    def __init__(self, asked: Asked, selection: Selection, listed: np.ndarray[Any, Any]) -> None:
        self.asked = asked
        self._k = asked.request.k
        self._selection, self._ruling = selection, selection.ruling
        self._listed = listed
        self._fits = self._ruling.fits(selection.bought) & listed
        self.fitting = int(np.count_nonzero(self._fits))
        self._left_out: list[PinLeftOut] = []
        self._pins = self._pinned()
        self._scores: dict[int, float] = {}
        self._found: np.ndarray[Any, Any] = np.empty(0, np.int64)
        self._exactly, self._reranked = 0, False
        self._begin()

    def is_found(self, finds: int, reranks: bool) -> bool:
        """Whether the model is to be searched: a re-ranker knows best, and an index finds enough
        where products fit that are not few. Otherwise it is quicker to score those that fit.

        Args:
            finds: how many products the model finds.
        """
        enough = _ROOM * self._k * len(self._listed)
        return self.fitting > 0 and (reranks or self.fitting * finds > enough)

    def _begin(self) -> None:
        self._chooser = Chooser(self._k, self._ruling.caps, self._pins)

    def take_found(
        self, rows: np.ndarray[Any, Any], scores: np.ndarray[Any, Any], *, reranked: bool
    ) -> None:
        """Takes what the model found by itself, best first.

        Args:
            reranked: in an order of its own, so that what is scored otherwise comes after it.
        """
        kept = self._fits[rows]
        rows, scores = rows[kept], scores[kept]
        self._chooser.take(rows)
        if self._chooser.lacking and len(rows) < self.fitting and not reranked:
            self._begin()
            return
        self._found, self._reranked = rows, reranked
        self._scores = dict(zip(rows.tolist(), scores.tolist(), strict=True))

    def unscored(self) -> np.ndarray[Any, Any]:
        """Rows that have yet to be scored, ascending."""
        if self._chooser.lacking:
            rest = self._fits.copy()
            rest[self._found] = False
            return np.flatnonzero(rest)
        pins = [row for row in self._pins.values() if row not in self._scores]
        return np.array(sorted(pins), np.int64)

    def take_scored(self, rows: np.ndarray[Any, Any], scores: np.ndarray[Any, Any]) -> None:
        """Takes what was not scored, after what has been taken."""
        before = self._chooser.lacking
        for block in best_first(rows, scores, max(_FIRST, 4 * self._k)):
            self._chooser.take(block)
            if not self._chooser.lacking:
                break
        self._exactly = before - self._chooser.lacking
        shown = np.array([row for row in self._chooser.rows() if row not in self._scores])
        if len(shown):
            places = np.searchsorted(rows, shown)
            self._scores |= dict(zip(shown.tolist(), scores[places].tolist(), strict=True))

    def keeps(self, row: int) -> bool:
        """Whether the filters keep a product of the list that was asked for."""
        return bool(self._fits[row])

    def rows(self) -> list[int]:
        """The products of the list, best first but for pins."""
        return self._chooser.rows()

    def ranked(self) -> Ranked:
        chosen, products = self._chooser.chosen(), self._ruling.products
        rules = self._ruling.rules
        columns = [products.columns[cap.column].distinct for cap in rules.caps]
        notes = []
        if not self.fitting:
            notes.append("No product fits: the filters leave none of the list.")
        elif self.fitting < self._k:
            notes.append("Fewer products fit than the list has places.")
        elif len(chosen.rows) < self._k:
            notes.append("The caps leave fewer products than the list has places.")
        if self._exactly and len(self._found):
            notes.append("The last products are in the towers' order: the re-ranker knew no more.")
        unordered = frozenset[str]()
        if self._reranked:
            others = set(chosen.rows) - set(self._found.tolist())
            unordered = frozenset(products.ids[row] for row in others)
        if unordered and self.asked.request.explain:
            notes.append("Products that the re-ranker did not order are not explained.")
        return Ranked(
            [products.ids[row] for row in chosen.rows],
            [self._scores[row] for row in chosen.rows],
            frozenset(products.ids[row] for row in chosen.pinned),
            Applied(
                rules=[one.in_words() for one in rules.filters],
                products=int(np.count_nonzero(self._listed)),
                fitting=self.fitting,
                pins_left_out=self._left_out,
                caps_reached=[
                    CapReached(column=cap.column, value=values[code], at_most=cap.at_most)
                    for cap, values, codes in zip(rules.caps, columns, chosen.bound, strict=True)
                    for code in codes
                ],
                notes=notes,
            ),
            unordered,
        )

    def _pinned(self) -> dict[int, int]:
        """Rows of pinned products that are shown, by their places."""
        found = {}
        for pin in self._ruling.rules.pins:
            if (why := self._why_not(pin.product_id, pin.place)) is not None:
                left_out = PinLeftOut(product_id=pin.product_id, place=pin.place, reason=why)
                self._left_out.append(left_out)
            else:
                found[pin.place] = self._ruling.products.row(pin.product_id)
        return found

    def _why_not(self, product: str, place: int) -> str | None:
        """Why a pinned product is not shown, in words."""
        if product not in self._ruling.products:
            return "The model has no such product."
        if place > self._k:
            return f"The list has {self._k} places."
        row = self._ruling.products.row(product)
        if not self._listed[row]:
            return "It is not available, or not in the list that was asked for."
        if not self._fits[row]:
            why = self._ruling.left_out_by(product, self._selection.bought)
            return f"A filter leaves it out: {why}."
        return None
