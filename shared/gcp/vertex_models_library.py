"""What is used of Vertex AI's client library for models and endpoints."""

from __future__ import annotations

from shared.gcp.lean import lean

lean("google.cloud.aiplatform_v1", "google.cloud.aiplatform_v1.types")

from google.cloud.aiplatform_v1.services.endpoint_service import (  # noqa: E402
    EndpointServiceClient,
)
from google.cloud.aiplatform_v1.services.endpoint_service.transports import (  # noqa: E402
    EndpointServiceGrpcTransport,
)
from google.cloud.aiplatform_v1.services.model_service import ModelServiceClient  # noqa: E402
from google.cloud.aiplatform_v1.services.model_service.transports import (  # noqa: E402
    ModelServiceGrpcTransport,
)
from google.cloud.aiplatform_v1.types.endpoint import DeployedModel, Endpoint  # noqa: E402
from google.cloud.aiplatform_v1.types.machine_resources import (  # noqa: E402
    DedicatedResources,
    MachineSpec,
)
from google.cloud.aiplatform_v1.types.model import Model, ModelContainerSpec, Port  # noqa: E402
from google.cloud.aiplatform_v1.types.model_service import UploadModelRequest  # noqa: E402

__all__ = [
    "DedicatedResources",
    "DeployedModel",
    "Endpoint",
    "EndpointServiceClient",
    "EndpointServiceGrpcTransport",
    "MachineSpec",
    "Model",
    "ModelContainerSpec",
    "ModelServiceClient",
    "ModelServiceGrpcTransport",
    "Port",
    "UploadModelRequest",
]
