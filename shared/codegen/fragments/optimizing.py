"""Optimizers that Keras has in slower form."""

from __future__ import annotations

import tensorflow as tf


class OnePassAdam(tf.keras.optimizers.Adam):
    """Adam in one pass over each variable, where Keras makes ten; the same numbers but for the
    rounding. Its moments of rows without a gradient decay too, so that whole tables change in each
    step, and sparse gradients save nothing."""

    def update_step(self, gradient: tf.Tensor | tf.IndexedSlices, variable: tf.Variable) -> None:
        place = self._index_dict[self._var_key(variable)]
        step = tf.cast(self.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].handle,
            v=self._velocities[place].handle,
            beta1_power=self.beta_1**step,
            beta2_power=self.beta_2**step,
            lr=tf.cast(self.learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.convert_to_tensor(gradient),
            use_locking=False,
        )
