"""What the models of all tasks share."""

from __future__ import annotations

STEPS = """
    # AutoGraph would rewrite all of Keras before the first step, which takes longer than an epoch.
    @tf.autograph.experimental.do_not_convert
    def train_step(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return super().train_step(inputs)

    @tf.autograph.experimental.do_not_convert
    def test_step(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return super().test_step(inputs)
""".strip("\n")
