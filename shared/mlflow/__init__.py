"""Experiment tracking with MLflow, on a laptop as on a server."""
