"""What goes with what a customer has, by item-item scores."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from shared.arrays import np, sparse
from shared.codegen.fragments.given import EASE_L2, NEIGHBOURS
from shared.codegen.fragments.history import Purchases
from shared.codegen.fragments.reranker import OwnProducts, ProductFacts, everybodys_products
from shared.item_item import heaviest, strongest_pairs


class ItemItem(tf.Module):
    """What each product adds to the scores of others, for whom has it.

    Attributes:
        others: rows of the candidates, [products, others].
        weights: what is added to each for a unit of `OwnProducts.weight`, likewise; 0 after the
            last.
        width: the number of products, or 0 where there are too many to pair.
    """

    def __init__(self, purchases: Purchases, moment: int, products: int) -> None:
        """Args: moment: before which purchases count."""
        super().__init__()
        _, own = everybodys_products(purchases, moment, products)
        customers, bought = np.divmod(own.keys.numpy(), products)
        shape = int(customers.max(initial=-1)) + 1, products
        weight = own.weight.numpy().astype(np.float64)
        bought_by = sparse.csr_matrix((weight, (customers, bought)), shape)
        pairs = strongest_pairs(bought_by, NEIGHBOURS, EASE_L2).T.tocsr()
        # Bounded by what is scored and by what is bought: milk goes with everything.
        others, weights = heaviest(pairs, 2 * NEIGHBOURS)
        self.others = tf.Variable(others, trainable=False)
        self.weights = tf.Variable(weights, trainable=False)
        self.width = products if pairs.nnz else 0

    def scores(self, own: OwnProducts, products: int, batch: int) -> tf.Tensor:
        """How well all products go with those that each customer has, [batch, width]. Customers are
        taken one by one, for many have thousands of pairs."""
        rows = own.keys // products
        bought, weight = (
            tf.RaggedTensor.from_value_rowids(values, rows, batch, validate=False)
            for values in (own.keys % products, own.weight)
        )

        def of_one(pair: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
            bought, weight = pair
            others = tf.reshape(tf.gather(self.others, bought), [-1])
            added = weight[:, tf.newaxis] * tf.gather(self.weights, bought)
            # A third of the time that `unsorted_segment_sum` takes.
            return tf.raw_ops.DenseBincount(
                input=others, size=self.width, weights=tf.reshape(added, [-1])
            )

        signature = tf.TensorSpec([self.width], tf.float32)
        return tf.map_fn(of_one, (bought, weight), fn_output_signature=signature)

    def parts(self, own: OwnProducts, products: tf.Tensor) -> tf.Tensor:
        """What each product of one customer adds to the scores of others, [products, own]."""
        others = tf.gather(self.others, own.keys)
        same = others == tf.cast(products[:, tf.newaxis, tf.newaxis], others.dtype)
        added = tf.where(same, tf.gather(self.weights, own.keys), 0)
        return tf.reduce_sum(added, axis=2) * own.weight


class Known(NamedTuple):
    """What is known of products by the purchases before a moment."""

    moment: int
    facts: ProductFacts
    item_item: ItemItem


def known_before(purchases: Purchases, moment: int, products: int) -> Known:
    """Args: products: how many there are."""
    facts = ProductFacts(purchases, moment, products)
    return Known(moment, facts, ItemItem(purchases, moment, products))
