"""The domain of Recsmith and its doors to the outside.

Imports neither a web framework nor TensorFlow.
"""
