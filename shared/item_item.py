"""Which products go with which: cosines and EASE, by who bought what.

Baselines call these functions, and the trainer modules have copies of them
(`codegen/trainer.py`), so they know nothing but what they are given.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from shared.arrays import linalg, np, sparse


def strongest_pairs(weights: sparse.csr_matrix, count: int, l2: float) -> sparse.csr_matrix:
    """What speaks most for each product: by EASE up to 20,000 products, if they or the customers
    are at most 6,000; else by cosines, up to 100,000 products; beyond, nothing.

    Sizes decide, not a clock: it takes seconds on two cores, and at most 2 GB.

    Args:
        weights: [customers, products].
        count: how many products are kept of each at most.
        l2: of EASE.

    Returns:
        [products, products]; a row has what others add to its product's score.
    """
    weights = weights[np.flatnonzero(np.diff(weights.indptr))]
    customers, products = weights.shape
    if products > 100_000 or not customers:
        return sparse.csr_matrix((products, products))
    multiplied = weights.nnz * products if customers < products else 0
    if products <= 20_000 and min(customers, products) <= 6_000 and multiplied <= 2e10:
        return ease_pairs(sampled(weights, 2_000_000_000), count, l2)
    pairs = cosine_pairs(sampled(weights, 400_000_000), count + 1)
    pairs.setdiag(0)
    pairs.eliminate_zeros()
    return pairs


def ease_pairs(weights: sparse.csr_matrix, count: int, l2: float) -> sparse.csr_matrix:
    """The `count` largest positive coefficients for each product in EASE (Steck 2019,
    "Embarrassingly shallow autoencoders for sparse data").

    With X [customers, products], P = (X'X + l2 I)^-1 and A = I - l2 P, the coefficient of product i
    for product j is A_ij / (1 - A_jj). Where customers are fewer than products, A = X'KX with
    K = (XX' + l2 I)^-1 (Woodbury's identity).

    Returns:
        [products, products], a row for each product that is scored.
    """
    customers, products = weights.shape
    by_product = weights.T.tocsr().astype(np.float32)
    gram = weights @ weights.T if customers < products else weights.T @ weights
    inverse = ridge_inverse(gram.toarray(), l2).astype(np.float32)
    kept = {}

    def keep(start: int, stop: int) -> None:
        own = np.arange(stop - start), np.arange(start, stop)
        if customers < products:
            rows = (by_product @ (by_product[start:stop] @ inverse).T).T
        else:
            rows = -l2 * inverse[start:stop]
            rows[own] += 1
        rows = rows / (1 - rows[own])[:, np.newaxis]
        rows[own] = 0
        kept[start] = largest(rows, count)

    in_threads(keep, products, products)
    return sparse.vstack([kept[start] for start in sorted(kept)], format="csr")


def ridge_inverse(gram: np.ndarray, l2: float) -> np.ndarray:
    """Of a Gram matrix and l2 on its diagonal, which is positive definite."""
    gram[np.diag_indices_from(gram)] += l2
    factor, _ = linalg.lapack.dpotrf(gram, lower=True, overwrite_a=True)
    # Zero above its diagonal, which dpotrf has cleaned and dpotri leaves alone.
    lower, _ = linalg.lapack.dpotri(factor, lower=True, overwrite_c=True)
    found: np.ndarray = lower + lower.T
    found[np.diag_indices_from(found)] /= 2
    return found


def largest(rows: np.ndarray, count: int) -> sparse.csr_matrix:
    """The `count` largest positive numbers of each row."""
    count = min(count, rows.shape[1])
    columns = np.argpartition(rows, -count, axis=1)[:, -count:]
    columns.sort(axis=1)
    values = np.maximum(np.take_along_axis(rows, columns, axis=1), 0)
    starts = np.arange(0, values.size + 1, count)
    found = sparse.csr_matrix((values.ravel(), columns.ravel(), starts), rows.shape)
    found.eliminate_zeros()
    return found


def heaviest(pairs: sparse.csr_matrix, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The `count` largest numbers of each row, the largest first.

    Returns:
        columns and numbers, each [rows, as many as the longest has]; zeros after the last.
    """
    sizes = np.diff(pairs.indptr)
    rows = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((-pairs.data, rows))
    place = np.arange(len(order)) - pairs.indptr[rows]
    order, rows, place = (one[place < count] for one in (order, rows, place))
    shape = len(sizes), min(count, int(sizes.max(initial=0)))
    columns, values = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    columns[rows, place], values[rows, place] = pairs.indices[order], pairs.data[order]
    return columns, values


def cosine_pairs(weights: sparse.csr_matrix, count: int) -> sparse.csr_matrix:
    """[products, products], the cosines of each with its `count` nearest, itself among them; of
    equally near ones those of the lower rows."""
    norms = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=0)).ravel())
    unit = sparse.csc_matrix(weights @ sparse.diags(1 / np.where(norms > 0, norms, 1)))
    products = weights.shape[1]
    by_product, by_customer = unit.T.tocsr(), unit.tocsr()
    kept = {}

    def keep(start: int, stop: int) -> None:
        cosines = by_product[start:stop] @ by_customer
        # In float32 the same cosine is equal, in whatever order it was added up.
        cosines.data = cosines.data.astype(np.float32)
        places = np.concatenate(
            [
                a + nearest(cosines.data[a:b], cosines.indices[a:b], count)
                for a, b in zip(cosines.indptr[:-1], cosines.indptr[1:], strict=True)
            ]
        )
        counts = np.minimum(np.diff(cosines.indptr), count)
        ends = np.concatenate([[0], np.cumsum(counts)])
        data = cosines.data[places].astype(np.float64)
        shape = stop - start, products
        kept[start] = sparse.csr_matrix((data, cosines.indices[places], ends), shape)

    in_threads(keep, products, products)
    return sparse.vstack([kept[start] for start in sorted(kept)], format="csr")


def nearest(cosines: np.ndarray, products: np.ndarray, count: int) -> np.ndarray:
    """Places of the `count` largest, of equal ones those of the lower products."""
    if len(cosines) <= count:
        return np.arange(len(cosines))
    last = np.partition(cosines, -count)[-count]
    more, same = np.flatnonzero(cosines > last), np.flatnonzero(cosines == last)
    lowest = same[np.argsort(products[same])]
    return np.concatenate([more, lowest[: count - len(more)]])


def sampled(matrix: sparse.csr_matrix, most: int) -> sparse.csr_matrix:
    """Every n-th customer of a matrix, so that they have at most so many pairs of products: what
    it costs to multiply the matrix with itself."""
    pairs = int((np.diff(matrix.indptr).astype(np.int64) ** 2).sum())
    step = -(-pairs // most)
    return matrix if step <= 1 else matrix[::step]


def in_threads(work: Callable[[int, int], None], rows: int, width: int) -> None:
    """Does the work from and to each row, in blocks whose rows have 4 million numbers (32 MB of
    float64), a block for each thread at a time."""
    threads = os.cpu_count() or 1
    block = max(1, min(4_000_000 // max(1, width), -(-rows // threads)))
    starts = range(0, rows, block)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda start: work(start, min(start + block, rows)), starts))
