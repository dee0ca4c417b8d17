"""The towers' part of the trainer module."""

from __future__ import annotations

from shared.codegen.plan import TowerPlan
from shared.codegen.source import INDENT, call, indent
from shared.documents.model_config import Layer, ModelConfigSpec
from shared.transforms.base import Output


def tower_class(
    name: str, tower: TowerPlan, spec: ModelConfigSpec, customer_key: str | None = None
) -> str:
    """A tower's class: embeddings of its features, then its layers.

    Args:
        customer_key: key of the output that is the customer's id, if the tower has one.
    """
    title = "Buyer" if tower.tower == "buyer" else "Product"
    layers = spec.layers(tower.tower)
    summary = " → ".join(str(layer.units) for layer in layers if layer.type == "dense")
    lines = [
        f"class {name}(tf.keras.Model):",
        f'{INDENT}"""{title}: {tower.width} features → {summary}."""',
        "",
        f"{INDENT}def __init__(self, transform: tft.TFTransformOutput, "
        "layers: tf.keras.Sequential) -> None:",
        f"{INDENT * 2}super().__init__()",
        f"{INDENT * 2}self.embeddings = {{",
    ]
    for output in tower.outputs:
        if output.embedded:
            start = f'"{output.key}": tf.keras.layers.Embedding('
            lines += indent(call(start, [_rows(output), str(output.dim)], depth=3, end="),"), 3)
    lines += [f"{INDENT * 2}}}", f"{INDENT * 2}self.dense = layers"]
    if customer_key is not None:
        known = f'transform.vocabulary_size_by_name("{customer_key}")'
        lines.append(f"{INDENT * 2}self.known_customers = {known}")
    lines += [
        "",
        f"{INDENT}def tensor(self, features: dict[str, tf.Tensor], training: bool = False)"
        " -> tf.Tensor:",
        f'{INDENT * 2}"""Transformed features, each [batch], side by side: '
        f'[batch, {tower.width}]."""',
    ]
    for output in tower.outputs:
        if output.key == customer_key:
            lines += [
                f'{INDENT * 2}customers = features["{output.key}"]',
                f"{INDENT * 2}if training:",
                f"{INDENT * 3}customers = sometimes_unknown("
                f"customers, self.known_customers, {output.oov_buckets})",
            ]
    lines.append(f"{INDENT * 2}inputs = [")
    for output in tower.outputs:
        value = f'features["{output.key}"]'
        if output.embedded:
            if output.key == customer_key:
                value = "customers"
            start = f'self.embeddings["{output.key}"]('
            lines += indent(call(start, [value], depth=3, end="),"), 3)
        else:
            lines.append(f"{INDENT * 3}{value}[:, tf.newaxis],")
    dense = "self.dense(self.tensor(features, training), training=training)"
    lines += [
        f"{INDENT * 2}]",
        f"{INDENT * 2}return tf.concat(inputs, axis=1)",
        "",
        f"{INDENT}def call(self, features: dict[str, tf.Tensor], training: bool = False)"
        " -> tf.Tensor:",
        f'{INDENT * 2}"""Transformed features, each [batch], to embeddings [batch, width]."""',
    ]
    if spec.normalize_embeddings:
        lines += indent([f"embedding = {dense}"], 2)
        dense = "tf.math.l2_normalize(embedding, axis=1)"
    lines.append(f"{INDENT * 2}return {dense}")
    return "\n".join(lines)


def _rows(output: Output) -> str:
    """Rows of the embedding table of an output, as an expression."""
    if output.rows is not None:
        return str(output.rows)
    return f'transform.vocabulary_size_by_name("{output.key}") + {output.oov_buckets}'


UNKNOWN_CUSTOMERS = '''
def sometimes_unknown(customers: tf.Tensor, known: int, oov_buckets: int) -> tf.Tensor:
    """Sends a share of the rows to the rows for unknown customers, which learn from them.

    Without it, a customer who comes later would be served from weights that nobody has trained.
    """
    unknown = known + tf.random.uniform(tf.shape(customers), maxval=oov_buckets, dtype=tf.int64)
    chosen = tf.random.uniform(tf.shape(customers)) < UNKNOWN_SHARE
    return tf.where(chosen, unknown, customers)
'''


def layer_functions(spec: ModelConfigSpec) -> str:
    """The functions that build the dense parts: `tower_layers`, and `rating_layers` if needed."""
    lines = [
        "def tower_layers() -> tuple[tf.keras.Sequential, tf.keras.Sequential]:",
        f'{INDENT}"""The dense parts of the query and the candidate tower."""',
        f"{INDENT}query = {_sequential(spec.buyer_tower_layers)}",
    ]
    if spec.share_tower_weights:
        lines.append(f"{INDENT}return query, query  # shared weights")
    else:
        lines += [
            f"{INDENT}candidate = {_sequential(spec.product_tower_layers)}",
            f"{INDENT}return query, candidate",
        ]
    if spec.rates:
        lines += [
            "",
            "",
            "def rating_layers() -> tf.keras.Sequential:",
            f'{INDENT}"""The rating head, over both embeddings."""',
            f"{INDENT}return {_sequential(spec.rating_head_layers)}",
        ]
    return "\n".join(lines)


def _sequential(layers: list[Layer]) -> str:
    lines = ["tf.keras.Sequential(", f"{INDENT * 2}["]
    for layer in layers:
        code = layer.code()
        start = f"tf.keras.layers.{code.name}("
        lines += indent(call(start, code.arguments, depth=3, end="),"), 3)
    return "\n".join([*lines, f"{INDENT * 2}]", f"{INDENT})"])
