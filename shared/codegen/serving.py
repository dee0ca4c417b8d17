"""The part of the trainer module that saves what is served, by task and retrieval algorithm."""

from __future__ import annotations

from shared.documents.model_config import LossFunction, ModelConfigSpec

_CLASS = '''
class ServingModel(tf.Module):
    """What is served: raw values in, {serves} out.

    It holds the weights and functions of the model, not the model: saving a Keras object traces it
    several times over.
    """

    def __init__(
        self,
        model: TwoTowerModel,
        transform: tft.TFTransformOutput,
        candidate_files: list[str],
        train_files: list[str],
    ) -> None:
        super().__init__()
        query_tower, candidate_tower = model.query_tower, model.candidate_tower
        self.transform = tf.saved_model.load(transform.transform_savedmodel_dir)
        self.model_weights = model.variables
'''

_EMBEDDINGS = """
        @tf.function(input_signature=[raw_signature(QUERY_FEATURES)], autograph=False)
        def embed_query(raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            features = self.features(raw)
            return {"embedding": query_tower(features), "tensor": query_tower.tensor(features)}

        @tf.function(input_signature=[raw_signature(CANDIDATE_FEATURES)], autograph=False)
        def embed_candidate(raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            features = self.features(raw)
            tensor = candidate_tower.tensor(features)
            return {"embedding": candidate_tower(features), "tensor": tensor}
"""

_CANDIDATES = """
        batches = list(read_examples(candidate_files, transform))
        ids = tf.concat([batch["candidate_id"] for batch in batches], axis=0)
        embeddings = tf.concat([candidate_tower(batch) for batch in batches], axis=0)
        top_k = min(TOP_K, len(ids))
        self.candidate_ids = tf.Variable(ids, trainable=False)
"""

_BRUTE_FORCE_INDEX = """
        self.candidate_embeddings = tf.Variable(embeddings, trainable=False)
        algorithm, leaves, searched = "brute_force", 0, 0
"""

_BRUTE_FORCE_SEARCH = '''
        def search(queries: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            """Rows and scores of the best candidates, each [batch, top_k]."""
            scores = tf.matmul(queries, self.candidate_embeddings, transpose_b=True)
            best, rows = tf.math.top_k(scores, k=top_k)
            return rows, best
'''

_SCANN_INDEX = """
        self.candidate_embeddings = tf.Variable(embeddings, trainable=False)
        leaves = SCANN_NUM_LEAVES or round(math.sqrt(len(ids)))
        searched = 0
        # Fewer products than this are found faster one by one.
        algorithm = "scann" if len(ids) >= max(1_000, 4 * leaves) else "brute_force"
        if algorithm == "scann":
            searcher = scann_index(embeddings, top_k, leaves)
            if SCANN_LEAVES_TO_SEARCH:
                searched = min(SCANN_LEAVES_TO_SEARCH, leaves)
            else:
                sample = next(iter(read_examples(train_files, transform, shuffle=True)))
                queries = query_tower(sample)[:256]
                searched = leaves_needed(searcher, queries, embeddings, top_k, leaves)
            self.index = searcher.serialize_to_module()
        else:
            leaves = 0
"""

_SCANN_SEARCH = '''
        def search(queries: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            """Rows and scores of the best candidates, each [batch, top_k]."""
            if algorithm == "scann":
                searcher = scann.scann_ops.searcher_from_module(self.index)
                found: tuple[tf.Tensor, tf.Tensor] = searcher.search_batched(
                    queries, leaves_to_search=searched
                )
                return found
            scores = tf.matmul(queries, self.candidate_embeddings, transpose_b=True)
            best, rows = tf.math.top_k(scores, k=top_k)
            return rows, best
'''

_SCANN_BUILDER = '''
def scann_index(embeddings: tf.Tensor, top_k: int, leaves: int) -> Any:
    """A ScaNN tree with asymmetric hashing whose best finds are scored again exactly."""
    builder = scann.scann_ops.builder(embeddings, top_k, "dot_product")
    builder = builder.tree(leaves, leaves, training_sample_size=250_000)
    builder = builder.score_ah(2, anisotropic_quantization_threshold=0.2)
    return builder.reorder(max(200, 10 * top_k)).build()


def leaves_needed(
    searcher: Any, queries: tf.Tensor, embeddings: tf.Tensor, top_k: int, leaves: int
) -> int:
    """How many leaves to search, so that these queries find 97 % of their best."""
    exact = tf.math.top_k(tf.matmul(queries, embeddings, transpose_b=True), k=top_k).values
    least = exact[:, -1:] - 1e-5  # products of equal score stand in for each other
    searched = max(leaves // 64, math.ceil(2 * top_k * leaves / len(embeddings)))
    while searched < leaves:
        _, scores = searcher.search_batched(queries, leaves_to_search=searched)
        if tf.reduce_mean(tf.cast(scores >= least, tf.float32)) >= 0.97:
            return searched
        searched = math.ceil(1.5 * searched)
    return leaves
'''

_RECOMMEND = """
        @tf.function(input_signature=[raw_signature(QUERY_FEATURES)], autograph=False)
        def recommend(raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            rows, scores = search(embed_query(raw)["embedding"])
            return {"candidate_ids": tf.gather(self.candidate_ids, rows), "scores": scores}

        @tf.function(input_signature=[], autograph=False)
        def describe_index() -> dict[str, tf.Tensor]:
            return {
                "algorithm": tf.constant(algorithm),
                "wanted": tf.constant("{wanted}"),
                "num_leaves": tf.constant(leaves),
                "leaves_to_search": tf.constant(searched),
            }
"""

_RATE = """
        pair = list(dict.fromkeys(QUERY_FEATURES + CANDIDATE_FEATURES))

        @tf.function(input_signature=[raw_signature(pair)], autograph=False)
        def rate(raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            features = self.features(raw)
            rating = model.rate(query_tower(features), candidate_tower(features))
            return {"rating": {rating}}
"""

_REST = '''
    def features(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Transformed features; raw features that are not given count as missing."""
        rows = tf.shape(next(iter(raw.values())))
        given = {
            key: raw[key] if key in raw else tf.fill(rows, tf.constant(missing, dtype))
            for key, (dtype, missing) in RAW_FEATURES.items()
        }
        return self.transform.transform_fn(given)


def raw_signature(keys: list[str]) -> dict[str, tf.TensorSpec]:
    return {key: tf.TensorSpec([None], RAW_FEATURES[key][0], name=key) for key in keys}
'''

_SAVE = '''
def save(
    model: TwoTowerModel,
    transform: tft.TFTransformOutput,
    candidate_files: list[str],
    train_files: list[str],
    folder: str,
) -> None:
    """Saves model and preprocessing as one SavedModel."""
    serving = ServingModel(model, transform, candidate_files, train_files)
    tf.saved_model.save(serving, folder, signatures=dict(serving.functions))
'''


def serving(spec: ModelConfigSpec) -> str:
    """The class `ServingModel` and the function `save`."""
    scann = spec.retrieval_algorithm == "scann"
    serves = "the best products" if spec.retrieves else "ratings"
    if spec.retrieves and spec.rates:
        serves = "the best products, and ratings of given ones,"
    parts = [_CLASS.replace("{serves}", serves).strip("\n")]
    if spec.retrieves:
        index = _SCANN_INDEX if scann else _BRUTE_FORCE_INDEX
        parts += ["", _CANDIDATES.strip("\n"), index.strip("\n")]
    parts.append(_EMBEDDINGS.rstrip("\n"))
    signatures = {"query_embedding": "embed_query", "candidate_embedding": "embed_candidate"}
    if spec.retrieves:
        search = _SCANN_SEARCH if scann else _BRUTE_FORCE_SEARCH
        recommend = _RECOMMEND.replace("{wanted}", spec.retrieval_algorithm)
        parts += [search.rstrip("\n"), recommend.rstrip("\n")]
        signatures = {"serving_default": "recommend", **signatures, "index": "describe_index"}
    if spec.rates:
        sigmoid = spec.loss_function is LossFunction.BINARY_CROSSENTROPY
        rating = "tf.sigmoid(rating)" if sigmoid else "rating"
        parts.append(_RATE.replace("{rating}", rating).rstrip("\n"))
        signatures["rating" if spec.retrieves else "serving_default"] = "rate"
    parts += ["", "        self.functions = {"]
    parts += [f'            "{name}": {function},' for name, function in signatures.items()]
    parts += ["        }", _REST.rstrip("\n")]
    if scann and spec.retrieves:
        parts += ["", _SCANN_BUILDER.rstrip("\n")]
    parts += ["", _SAVE.rstrip("\n")]
    return "\n".join(parts)
