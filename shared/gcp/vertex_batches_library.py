"""What is used of Vertex AI's client library for jobs of one container."""

from __future__ import annotations

from shared.gcp.lean import lean

lean("google.cloud.aiplatform_v1", "google.cloud.aiplatform_v1.types")

from google.cloud.aiplatform_v1.services.job_service import JobServiceClient  # noqa: E402
from google.cloud.aiplatform_v1.services.job_service.transports import (  # noqa: E402
    JobServiceGrpcTransport,
)
from google.cloud.aiplatform_v1.types.custom_job import (  # noqa: E402
    ContainerSpec,
    CustomJob,
    CustomJobSpec,
    Scheduling,
    WorkerPoolSpec,
)
from google.cloud.aiplatform_v1.types.encryption_spec import EncryptionSpec  # noqa: E402
from google.cloud.aiplatform_v1.types.env_var import EnvVar  # noqa: E402
from google.cloud.aiplatform_v1.types.job_state import JobState  # noqa: E402
from google.cloud.aiplatform_v1.types.machine_resources import MachineSpec  # noqa: E402

__all__ = [
    "ContainerSpec",
    "CustomJob",
    "CustomJobSpec",
    "EncryptionSpec",
    "EnvVar",
    "JobServiceClient",
    "JobServiceGrpcTransport",
    "JobState",
    "MachineSpec",
    "Scheduling",
    "WorkerPoolSpec",
]
