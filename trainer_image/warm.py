"""Imports what every job needs, so that a process which waits for one has it loaded."""

from __future__ import annotations

import os

# TensorFlow Recommenders is written for Keras 2; both are read when TensorFlow is imported.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import scann  # noqa: F401
import tensorflow_recommenders  # noqa: F401

import trainer_image.direct
import trainer_image.evaluate
import trainer_image.transform  # noqa: F401
