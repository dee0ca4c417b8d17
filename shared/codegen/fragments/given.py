"""What the generator itself writes, for the fragments to be read, linted and typed by.

None of this reaches a generated module: settings and towers come from the documents, and a fragment
is left with the branches that its module takes.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

# Which branches are taken.
RETRIEVES = RATES = True
LOGQ_CORRECTION = REMOVE_ACCIDENTAL_HITS = True
SCANN = NORMALIZES = True
STOPS_EARLY = True
DRAWS = DROPS_OUT = True
HISTORY = RERANKS = LOOKS_BACK = FITS = True
BIASES = True
EVENT_KINDS = True
AVAILABILITY = True

# What is put in their place.
OPTIMIZER: Any = tf.keras.optimizers.Adam
RATING_LOSS: Any = None
SERVED_RATING: Any = None
RATING_START: Any = None
CUSTOMER_ROW = ""
PRODUCT_ROW = ""

EPOCHS = 10
BATCH_SIZE = 512
LEARNING_RATE = 0.001
SEED = 42
EARLY_STOPPING_PATIENCE = 3
TEMPERATURE = 0.1
TOP_K = 100
SCANN_NUM_LEAVES: int | None = None
SCANN_LEAVES_TO_SEARCH: int | None = None
RETRIEVAL_WEIGHT = 1.0
RANKING_WEIGHT = 1.0
HISTORY_LENGTH = 50
KIND_WEIGHTS: dict[str, float] = {}
PURCHASE_KINDS: list[str] = [""]
RERANKED = 300
POPULAR = 100
ITEM_ITEM = 150
ITEM_HALF_LIFE = 125.0
NEIGHBOURS = 100
EASE_L2 = 200.0
RERANKER_UNITS = [32, 32]
RECENT_DAYS = 28.0
COUNT_HALF_LIVES = [5.0, 15.0]
FITTING_STEPS = 150
FITTING_LISTS = 100
FITTING_RATE = 0.02
UNKNOWN_SHARE = 0.02
EXPLAIN_STEPS = 1

RAW_FEATURES: dict[str, tuple[tf.DType, Any]] = {}
QUERY_FEATURES: list[str] = []
CANDIDATE_FEATURES: list[str] = []
PRODUCT_ID = ""
QUERY_PARTS: list[tuple[str, int, int]] = []
CANDIDATE_PARTS: list[tuple[str, int, int]] = []
HISTORY_PARTS: dict[str, tuple[int, int]] = {}
EXPLAINED_FEATURES: dict[str, str] = {}
HISTORY_INPUTS: dict[str, tf.TensorSpec] = {}


class QueryTower(tf.keras.Model):
    """Embeddings of the buyer's features, then dense layers."""

    def __init__(
        self, transform: tft.TFTransformOutput, layers: tf.keras.Sequential, *history: Any
    ) -> None:
        super().__init__()
        self.embeddings: dict[str, tf.keras.layers.Embedding] = {}

    def tensor(self, features: dict[str, tf.Tensor]) -> tf.Tensor:
        """What goes into the layers."""


class CandidateTower(QueryTower):
    """The same for the product's."""


def tower_layers() -> tuple[tf.keras.Sequential, tf.keras.Sequential]:
    raise NotImplementedError


def rating_layers() -> tf.keras.Sequential:
    raise NotImplementedError
