"""Which products go with which, against the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from shared.item_item import heaviest, strongest_pairs

L2 = 3.0


def drawn(customers: int, products: int) -> sparse.csr_matrix:
    """Who bought what; the last product was never bought, the first customer buys nothing."""
    weights = np.random.default_rng(4).poisson(0.4, (customers, products)).astype(float)
    weights[:, -1], weights[0] = 0, 0
    return sparse.csr_matrix(weights)


def ridge_by_hand(weights: np.ndarray, product: int) -> np.ndarray:
    """What each product adds to one product's score, [products]: its ridge regression on all
    others."""
    others = np.delete(np.arange(weights.shape[1]), product)
    x = weights[:, others]
    ridge = x.T @ x + L2 * np.eye(len(others))
    found = np.zeros(weights.shape[1])
    found[others] = np.linalg.solve(ridge, x.T @ weights[:, product])
    return found


@pytest.mark.parametrize("shape", [(9, 20), (50, 12)], ids=["few customers", "few products"])
def test_few_products_are_paired_by_ease(shape: tuple[int, int]) -> None:
    weights = drawn(*shape)
    found = strongest_pairs(weights, 5, L2).toarray()
    assert found.shape == (shape[1], shape[1])
    for product, row in enumerate(found):
        expected = ridge_by_hand(weights.toarray(), product)
        expected[np.argsort(-expected)[5:]] = 0
        np.testing.assert_allclose(row, np.maximum(expected, 0), rtol=1e-3, atol=1e-5)
    assert not found[-1].any()
    assert not found[:, -1].any()


def test_many_products_are_paired_by_cosines() -> None:
    few = drawn(30, 40)
    many = sparse.csr_matrix((few.data, few.indices, few.indptr), (30, 20_001))
    found = strongest_pairs(many, 5, L2)[:40, :40].toarray()
    dense = few.toarray()
    norms = np.maximum(np.linalg.norm(dense, axis=0), 1e-9)
    cosines = dense.T @ dense / norms / norms[:, np.newaxis]
    np.fill_diagonal(cosines, 0)
    for row, expected in zip(found, cosines, strict=True):
        least = np.sort(expected)[-5]
        np.testing.assert_allclose(np.sort(row)[-5:], np.sort(expected)[-5:], rtol=1e-5)
        assert not row[expected < least - 1e-6].any()
        assert np.count_nonzero(row) <= 5


def test_too_many_products_and_none_bought_are_not_paired() -> None:
    too_many = sparse.csr_matrix((np.ones(2), [0, 1], [0, 2]), (1, 100_001))
    assert strongest_pairs(too_many, 5, L2).nnz == 0
    assert strongest_pairs(sparse.csr_matrix((0, 7)), 5, L2).shape == (7, 7)


def test_rows_are_cut_to_their_heaviest() -> None:
    pairs = sparse.csr_matrix(np.array([[0, 3, 1, 2], [0, 0, 0, 0], [0, 0, 5, 0]], float))
    columns, weights = heaviest(pairs, 2)
    assert columns.tolist() == [[1, 3], [0, 0], [2, 0]]
    assert weights.tolist() == [[3, 2], [0, 0], [5, 0]]
    assert heaviest(sparse.csr_matrix((3, 3)), 2)[0].shape == (3, 0)
