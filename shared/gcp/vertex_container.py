"""How the trainer's image serves a model on Vertex AI."""

from __future__ import annotations

from shared.gcp.vertex_models_library import ModelContainerSpec, Port

_PORT, _PREDICT_ROUTE, _HEALTH_ROUTE = 8080, "/predict", "/health"


def container(model_id: str, version: int, image: str) -> ModelContainerSpec:
    """How a version's container is started and asked; Vertex AI names the folder that it copied."""
    return ModelContainerSpec(
        image_uri=image,
        command=["python", "-m", "trainer_image.http_server"],
        args=["--host=0.0.0.0", f"--model={model_id}", f"--model-version={version}"],
        ports=[Port(container_port=_PORT)],
        predict_route=_PREDICT_ROUTE,
        health_route=_HEALTH_ROUTE,
    )
