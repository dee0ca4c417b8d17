"""Registered models on Vertex AI: in its Model Registry, and behind an endpoint.

A registered model is one model of the registry there and one endpoint, both under its own id; a
version is a version of that model, with the alias `v3`, and a deployment called `v3`. What is asked
for twice is found done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc
from google.api_core import exceptions

from shared.errors import NotFoundError, RefusedError
from shared.gcp.vertex_container import container
from shared.gcp.vertex_models_library import (
    DedicatedResources,
    DeployedModel,
    Endpoint,
    EndpointServiceClient,
    EndpointServiceGrpcTransport,
    MachineSpec,
    Model,
    ModelServiceClient,
    ModelServiceGrpcTransport,
    UploadModelRequest,
)
from shared.gcp.vertex_traffic import Traffic, called, deployed_ids, shares_of, with_share
from shared.problems import InvalidError, Problem
from shared.registry import ServedVersion

# https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints/create
_ID = re.compile(r"[a-z][-a-z0-9]{0,61}[a-z0-9]")
_SECONDS = 60.0
_ITSELF = "0"  # in a traffic split: the one that is being deployed
_REFUSALS = (
    exceptions.InvalidArgument,
    exceptions.FailedPrecondition,
    exceptions.PermissionDenied,
)


@dataclass(frozen=True)
class Machines:
    """What a deployed version runs on.

    Attributes:
        service_account: whom the containers run as; empty: the project's default.
    """

    machine_type: str = "n1-standard-4"
    min_replicas: int = 1
    max_replicas: int = 1
    service_account: str = ""


def vertex_models(project: str, region: str, endpoint: str | None = None) -> VertexModels:
    """Over a region's Vertex AI, or an unencrypted `host:port`."""
    location = f"projects/{project}/locations/{region}"
    if endpoint is not None:
        channel = grpc.insecure_channel(endpoint)
        return VertexModels(
            ModelServiceClient(transport=ModelServiceGrpcTransport(channel=channel)),
            EndpointServiceClient(transport=EndpointServiceGrpcTransport(channel=channel)),
            location,
        )
    options = {"api_endpoint": f"{region}-aiplatform.googleapis.com"}
    return VertexModels(
        ModelServiceClient(client_options=options),
        EndpointServiceClient(client_options=options),
        location,
    )


class VertexModels:
    """Every method raises RefusedError for what Vertex AI refuses; passing faults are raised.

    Args:
        location: `projects/PROJECT/locations/REGION`.
        seconds: so long an operation, such as a deployment, may take.
    """

    def __init__(
        self,
        models: ModelServiceClient,
        endpoints: EndpointServiceClient,
        location: str,
        seconds: float = 3600.0,
    ) -> None:
        self._models, self._endpoints = models, endpoints
        self._location, self._seconds = location, seconds

    def upload(self, model_id: str, name: str, version: ServedVersion, image: str) -> str:
        """Registers a version, whose folder Vertex AI copies; returns its resource name.

        Args:
            image: the trainer's, by its digest.
        """
        _check(model_id)
        parent = f"{self._location}/models/{model_id}"
        alias = called(version.version)
        if (found := self._model(f"{parent}@{alias}")) is not None:
            return _versioned(found)
        first = self._model(parent) is None
        model = Model(
            display_name=name[:128],
            version_aliases=[alias],
            version_description=f"Recsmith: version {version.version}, {version.quick_test_id}",
            artifact_uri=version.artifacts_uri,
            labels={"recsmith-version": str(version.version)},
            container_spec=container(model_id, version.version, image),
        )
        request = UploadModelRequest(
            parent=self._location,
            model=model,
            model_id=model_id if first else "",
            parent_model="" if first else parent,
        )
        done = self._done(self._models.upload_model, request=request)
        return f"{done.model}@{done.model_version_id}"

    def deploy(
        self,
        model_id: str,
        name: str,
        version: int,
        share: int = 100,
        machines: Machines | None = None,
    ) -> Traffic:
        """Puts an uploaded version behind the model's endpoint, which is made where there is none.

        Args:
            share: percent of the requests, 0 to 100; the others' shares keep to each other. A
                first version gets all.

        Raises:
            NotFoundError: the version has not been uploaded.
            InvalidError: the share is none.
        """
        _check(model_id)
        if not 0 <= share <= 100:
            raise _invalid("share", "Give 0 to 100 percent.", share)
        model = self._model(f"{self._location}/models/{model_id}@{called(version)}")
        if model is None:
            raise NotFoundError("version", version, f"of model {model_id!r} in Vertex AI")
        endpoint = self._endpoint(model_id) or self._made(model_id, name)
        others = {number: held for number, held in shares_of(endpoint).items() if number != version}
        wanted = with_share(version, share, others)
        if version in deployed_ids(endpoint):
            return self._split(endpoint, wanted)
        machines = machines or Machines()
        ids = {**deployed_ids(endpoint), version: _ITSELF}
        self._done(
            self._endpoints.deploy_model,
            endpoint=endpoint.name,
            deployed_model=DeployedModel(
                model=_versioned(model),
                display_name=called(version),
                service_account=machines.service_account,
                dedicated_resources=DedicatedResources(
                    machine_spec=MachineSpec(machine_type=machines.machine_type),
                    min_replica_count=machines.min_replicas,
                    max_replica_count=machines.max_replicas,
                ),
            ),
            traffic_split={ids[number]: held for number, held in wanted.items() if held},
        )
        return self.traffic(model_id)

    def split(self, model_id: str, shares: Mapping[int, int]) -> Traffic:
        """Gives the deployed versions their shares of the requests; to roll back, all to one.

        Args:
            shares: percent by version, 100 in all; versions that are not named get none.

        Raises:
            NotFoundError: there is no endpoint, or a version is not deployed.
            InvalidError: the shares are none.
        """
        endpoint = self._there(model_id)
        for version, share in shares.items():
            if version not in deployed_ids(endpoint):
                raise NotFoundError("version", version, f"deployed of model {model_id!r}")
            if share < 0:
                raise _invalid("shares", "A share is 0 to 100 percent.", share)
        if sum(shares.values()) != 100:
            raise _invalid("shares", "The shares are 100 percent in all.", sum(shares.values()))
        return self._split(endpoint, shares)

    def undeploy(self, model_id: str, version: int) -> Traffic:
        """Ends a version's containers; nothing happens where there are none.

        Raises:
            NotFoundError: there is no endpoint.
            RefusedError: it still gets requests, and others are there to take them.
        """
        endpoint = self._there(model_id)
        deployed, shares = deployed_ids(endpoint), shares_of(endpoint)
        if version not in deployed:
            return Traffic(endpoint.name, shares)
        if shares[version] and len(deployed) > 1:
            raise RefusedError(
                f"Version {version} gets {shares[version]}% of the requests: give them to another "
                "version first."
            )
        self._done(
            self._endpoints.undeploy_model,
            endpoint=endpoint.name,
            deployed_model_id=deployed[version],
        )
        return self.traffic(model_id)

    def traffic(self, model_id: str) -> Traffic:
        """Raises NotFoundError where there is no endpoint."""
        endpoint = self._there(model_id)
        return Traffic(endpoint.name, shares_of(endpoint))

    def _split(self, endpoint: Endpoint, shares: Mapping[int, int]) -> Traffic:
        ids = deployed_ids(endpoint)
        wanted = {ids[version]: share for version, share in shares.items() if share}
        changed = Endpoint(name=endpoint.name, etag=endpoint.etag, traffic_split=wanted)
        mask = {"paths": ["traffic_split"]}
        try:
            found = self._endpoints.update_endpoint(
                endpoint=changed, update_mask=mask, timeout=_SECONDS
            )
        except _REFUSALS as refusal:
            raise RefusedError(f"{refusal.code.value} {refusal.message}") from None
        return Traffic(found.name, shares_of(found))

    def _model(self, name: str) -> Model | None:
        try:
            return self._models.get_model(name=name, timeout=_SECONDS)
        except exceptions.NotFound:
            return None

    def _endpoint(self, model_id: str) -> Endpoint | None:
        _check(model_id)
        name = f"{self._location}/endpoints/{model_id}"
        try:
            return self._endpoints.get_endpoint(name=name, timeout=_SECONDS)
        except exceptions.NotFound:
            return None

    def _there(self, model_id: str) -> Endpoint:
        endpoint = self._endpoint(model_id)
        if endpoint is None:
            raise NotFoundError("endpoint", model_id, "on Vertex AI")
        return endpoint

    def _made(self, model_id: str, name: str) -> Endpoint:
        with suppress(exceptions.AlreadyExists):  # meanwhile
            self._done(
                self._endpoints.create_endpoint,
                parent=self._location,
                endpoint=Endpoint(display_name=name[:128]),
                endpoint_id=model_id,
            )
        return self._there(model_id)

    def _done(self, call: Any, **arguments: Any) -> Any:
        """What an operation comes to. Raises RefusedError."""
        try:
            return call(**arguments, timeout=_SECONDS).result(timeout=self._seconds)
        except _REFUSALS as refusal:
            raise RefusedError(f"{refusal.code.value} {refusal.message}") from None


def _check(model_id: str) -> None:
    """Raises RefusedError."""
    if not _ID.fullmatch(model_id):
        raise RefusedError(
            f"Vertex AI takes ids of 2 to 63 lower-case letters, digits and hyphens. Received: "
            f"{model_id!r}."
        )


def _versioned(model: Model) -> str:
    return f"{model.name.partition('@')[0]}@{model.version_id}"


def _invalid(path: str, message: str, received: Any) -> InvalidError:
    return InvalidError(
        [Problem(path=path, code="out_of_range", message=message, received=received)]
    )
