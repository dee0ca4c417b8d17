"""The towers' part of the trainer module."""

from __future__ import annotations

from collections.abc import Iterator

from shared.codegen.plan import TowerPlan
from shared.codegen.source import INDENT, call, indent
from shared.documents.model_config import Layer, ModelConfigSpec
from shared.literals import literal
from shared.transforms.base import Output


def tower_class(
    name: str,
    tower: TowerPlan,
    spec: ModelConfigSpec,
    customer_key: str | None = None,
    products: TowerPlan | None = None,
) -> str:
    """A tower's class: embeddings of its features, then its layers.

    Args:
        customer_key: key of the output that is the customer's id, if the tower has one.
        products: the product tower, whose tables a history shares.
    """
    layers = spec.layers(tower.tower)
    summary = " → ".join(str(layer.own_width) for layer in layers if layer.own_width)
    lines = [
        f"class {name}(tf.keras.Model):",
        f'{INDENT}"""The {tower.tower}\'s tower: {tower.width} inputs → {summary}."""',
        "",
        *indent(
            call(
                "def __init__(",
                [
                    "self",
                    "transform: tft.TFTransformOutput",
                    "layers: tf.keras.Sequential",
                    *(
                        ["products: Products", "tables: dict[str, tf.keras.layers.Embedding]"]
                        if tower.history_length
                        else []
                    ),
                ],
                depth=1,
                end=") -> None:",
            )
        ),
        f"{INDENT * 2}super().__init__()",
        f"{INDENT * 2}self.embeddings = {{",
    ]
    for output in tower.outputs:
        if output.embedded:
            start = f'"{output.key}": tf.keras.layers.Embedding('
            lines += indent(call(start, [_rows(output), str(output.dim)], depth=3, end="),"), 3)
    lines.append(f"{INDENT * 2}}}")
    if any(_projected(output) for output in tower.outputs):
        lines.append(f"{INDENT * 2}self.projections = {{")
        for output in filter(_projected, tower.outputs):
            dense = f"tf.keras.layers.Dense({output.dim}, use_bias=False)"
            lines.append(f'{INDENT * 3}"{output.key}": {dense},')
        lines.append(f"{INDENT * 2}}}")
    if products is not None and tower.history_length:
        lines += [f"{INDENT * 2}# Of past purchases; `tables` are the candidate tower's."]
        lines += [f"{INDENT * 2}self.pools = {{", *_pools(tower, products), f"{INDENT * 2}}}"]
    lines.append(f"{INDENT * 2}self.dense = layers")
    if customer_key is not None:
        known = f'transform.vocabulary_size_by_name("{customer_key}")'
        lines.append(f"{INDENT * 2}self.known_customers = {known}")
    dropped = [output for output in tower.outputs if output.dropped]
    trains = customer_key is not None or bool(dropped)
    learns_unknown = ", training: bool = False" if trains else ""
    lines += [
        "",
        f"{INDENT}def tensor(self, features: dict[str, tf.Tensor]{learns_unknown}) -> tf.Tensor:",
        f'{INDENT * 2}"""Transformed features side by side: [batch, {tower.width}]."""',
    ]
    if dropped:
        lines += [
            f"{INDENT * 2}if training:",
            f"{INDENT * 3}features = {{",
            f"{INDENT * 4}**features,",
        ]
        for output in dropped:
            arguments = [
                f'features["{output.key}"]',
                f'self.embeddings["{output.key}"].input_dim - {output.oov_buckets}',
                str(output.oov_buckets),
                literal(output.dropped),
            ]
            start = f'"{output.key}": sometimes_dropped('
            lines += indent(call(start, arguments, depth=4, end="),"), 4)
        lines.append(f"{INDENT * 3}}}")
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
        if output.pool is not None:
            lines.append(f'{INDENT * 3}self.pools["{output.key}"](features),')
        elif output.embedded:
            if output.key == customer_key:
                value = "customers"
            table = f'self.embeddings["{output.key}"]'
            start, arguments = f"{table}(", [value]
            if output.bag is not None:
                start, arguments = "pool_values(", [table, value, literal(output.bag.combiner)]
            lines += indent(call(start, arguments, depth=3, end="),"), 3)
        elif _projected(output):
            lines.append(f'{INDENT * 3}self.projections["{output.key}"]({value}),')
        elif output.array is not None:
            lines.append(f"{INDENT * 3}{value},")
        else:
            lines.append(f"{INDENT * 3}{value}[:, tf.newaxis],")
    tensor = f"self.tensor(features{', training' if trains else ''})"
    dense = f"self.dense({tensor}, training=training)"
    lines += [
        f"{INDENT * 2}]",
        f"{INDENT * 2}return tf.concat(inputs, axis=1)",
        "",
        f"{INDENT}def call(self, features: dict[str, tf.Tensor], training: bool = False)"
        " -> tf.Tensor:",
        f'{INDENT * 2}"""Transformed features to embeddings, [batch, width]."""',
    ]
    if spec.normalize_embeddings:
        lines += indent([f"embedding = {dense}"], 2)
        dense = "tf.math.l2_normalize(embedding, axis=1)"
    lines.append(f"{INDENT * 2}return {dense}")
    return "\n".join(lines)


def _pools(tower: TowerPlan, products: TowerPlan) -> Iterator[str]:
    for feature in tower.features:
        for output in feature.outputs:
            if output.pool is None:
                continue
            of_products = products.embedding_of(feature.raw.column)
            table = f'tables["{of_products.key}"]'
            if output.pool.own_table:
                table = f"tf.keras.layers.Embedding({_rows(of_products)}, {output.dim})"
            arguments = [
                table,
                f'products.column("{of_products.key}")',
                f"half_lives={literal(list(output.pool.half_lives))}",
                f"length={output.pool.length}",
            ]
            start = f'"{output.key}": HistoryPool('
            yield from indent(call(start, arguments, depth=3, end="),"), 3)


def _projected(output: Output) -> bool:
    return output.array is not None and output.array.projected


def _rows(output: Output) -> str:
    """Rows of the embedding table of an output, as an expression."""
    if output.rows is not None:
        return str(output.rows)
    return f'transform.vocabulary_size_by_name("{output.key}") + {output.oov_buckets}'


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
