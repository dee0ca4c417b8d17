"""ModelService and EndpointService of Vertex AI in memory, over gRPC: they refuse what Google says
that it refuses. Operations are done when they are answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.cloud.aiplatform_v1 import types
from google.longrunning import operations_pb2
from google.protobuf.any_pb2 import Any as Packed

_ALIAS = re.compile(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")
_MODEL_ID = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
_ENDPOINT_ID = re.compile(r"[a-z][a-z0-9-]{0,61}[a-z0-9]")
_SERVICE = "google.cloud.aiplatform.v1"
Code = grpc.StatusCode


class VertexModelsServer:
    """Versions by the model's name, and endpoints by theirs."""

    def __init__(self) -> None:
        self.versions: dict[str, list[types.Model]] = {}
        self.endpoints: dict[str, types.Endpoint] = {}
        self.calls: list[str] = []
        self._deployed = 0

    def upload_model(self, request: Any, context: Any) -> Any:
        model = request.model
        if bool(request.model_id) == bool(request.parent_model):
            context.abort(Code.INVALID_ARGUMENT, "Give model_id or parent_model.")
        if request.model_id and not _MODEL_ID.fullmatch(request.model_id):
            context.abort(Code.INVALID_ARGUMENT, "The model's id is malformed.")
        name = request.parent_model or f"{request.parent}/models/{request.model_id}"
        if request.model_id and name in self.versions:
            context.abort(Code.ALREADY_EXISTS, f"{name} exists.")
        if request.parent_model and name not in self.versions:
            context.abort(Code.NOT_FOUND, f"{name} is not there.")
        container = model.container_spec
        if "-docker.pkg.dev/" not in container.image_uri:
            context.abort(Code.INVALID_ARGUMENT, "The image is not of Artifact Registry.")
        if not model.artifact_uri.startswith("gs://"):
            context.abort(Code.INVALID_ARGUMENT, "artifact_uri is no folder of Cloud Storage.")
        if not all(route[:1] == "/" for route in (container.predict_route, container.health_route)):
            context.abort(Code.INVALID_ARGUMENT, "A route begins with a slash.")
        if not all(map(_ALIAS.fullmatch, model.version_aliases)) or not model.display_name:
            context.abort(Code.INVALID_ARGUMENT, "An alias or the name is malformed.")
        versions = self.versions.setdefault(name, [])
        model.name, model.version_id = name, str(len(versions) + 1)
        versions.append(model)
        answer = types.UploadModelResponse(model=name, model_version_id=model.version_id)
        return _done(answer)

    def get_model(self, request: Any, context: Any) -> Any:
        name, _, wanted = request.name.partition("@")
        for model in reversed(self.versions.get(name, [])):
            if not wanted or wanted == model.version_id or wanted in model.version_aliases:
                return model
        return context.abort(Code.NOT_FOUND, f"{request.name} is not there.")

    def create_endpoint(self, request: Any, context: Any) -> Any:
        name = f"{request.parent}/endpoints/{request.endpoint_id}"
        if not _ENDPOINT_ID.fullmatch(request.endpoint_id) or not request.endpoint.display_name:
            context.abort(Code.INVALID_ARGUMENT, "The endpoint's id or name is malformed.")
        if name in self.endpoints:
            context.abort(Code.ALREADY_EXISTS, f"{name} exists.")
        self.endpoints[name] = types.Endpoint(
            name=name, display_name=request.endpoint.display_name, etag="1"
        )
        return _done(self.endpoints[name])

    def get_endpoint(self, request: Any, context: Any) -> Any:
        if request.name not in self.endpoints:
            context.abort(Code.NOT_FOUND, f"{request.name} is not there.")
        return self.endpoints[request.name]

    def deploy_model(self, request: Any, context: Any) -> Any:
        endpoint = self._endpoint(request.endpoint, context)
        deployed = request.deployed_model
        self.get_model(types.GetModelRequest(name=deployed.model), context)
        resources = deployed.dedicated_resources
        if not resources.machine_spec.machine_type or resources.min_replica_count < 1:
            context.abort(Code.INVALID_ARGUMENT, "A machine type and at least one replica.")
        if resources.max_replica_count < resources.min_replica_count:
            context.abort(Code.INVALID_ARGUMENT, "max_replica_count is below min_replica_count.")
        self._deployed += 1
        deployed.id = str(1000 + self._deployed)
        known = {one.id for one in endpoint.deployed_models}
        split = dict(request.traffic_split)
        self._check(split, known | {"0"}, context)
        endpoint.deployed_models = [*endpoint.deployed_models, deployed]
        endpoint.traffic_split = {
            deployed.id if one == "0" else one: share for one, share in split.items()
        }
        self._changed(endpoint)
        return _done(types.DeployModelResponse(deployed_model=deployed))

    def undeploy_model(self, request: Any, context: Any) -> Any:
        endpoint = self._endpoint(request.endpoint, context)
        left = [one for one in endpoint.deployed_models if one.id != request.deployed_model_id]
        if len(left) == len(endpoint.deployed_models):
            context.abort(Code.NOT_FOUND, "There is no such deployed model.")
        if left and endpoint.traffic_split.get(request.deployed_model_id):
            context.abort(Code.FAILED_PRECONDITION, "The deployed model has traffic.")
        endpoint.deployed_models = left
        if not left:
            endpoint.traffic_split = {}
        self._changed(endpoint)
        return _done(types.UndeployModelResponse())

    def update_endpoint(self, request: Any, context: Any) -> Any:
        endpoint = self._endpoint(request.endpoint.name, context)
        if list(request.update_mask.paths) != ["traffic_split"]:
            context.abort(Code.INVALID_ARGUMENT, "That cannot be updated.")
        if request.endpoint.etag not in ("", endpoint.etag):
            context.abort(Code.ABORTED, "The endpoint has changed meanwhile.")
        split = dict(request.endpoint.traffic_split)
        self._check(split, {one.id for one in endpoint.deployed_models}, context)
        endpoint.traffic_split = split
        return self._changed(endpoint)

    def _endpoint(self, name: str, context: Any) -> Any:
        return self.get_endpoint(types.GetEndpointRequest(name=name), context)

    def _check(self, split: dict[str, int], known: set[str], context: Any) -> None:
        if sum(split.values()) != 100 or min(split.values()) < 0 or not set(split) <= known:
            context.abort(Code.INVALID_ARGUMENT, "The traffic split is not 100, or of others.")

    def _changed(self, endpoint: Any) -> Any:
        endpoint.etag = str(int(endpoint.etag) + 1)
        return endpoint


@contextmanager
def serving(server: VertexModelsServer) -> Iterator[str]:
    """Its `host:port`, while the block runs."""
    grpc_server = grpc.server(ThreadPoolExecutor(4))
    for service, methods in {
        "ModelService": {
            "UploadModel": (types.UploadModelRequest, None),
            "GetModel": (types.GetModelRequest, types.Model),
        },
        "EndpointService": {
            "CreateEndpoint": (types.CreateEndpointRequest, None),
            "GetEndpoint": (types.GetEndpointRequest, types.Endpoint),
            "DeployModel": (types.DeployModelRequest, None),
            "UndeployModel": (types.UndeployModelRequest, None),
            "UpdateEndpoint": (types.UpdateEndpointRequest, types.Endpoint),
        },
    }.items():
        handlers = {
            method: _handler(server, method, request, response)
            for method, (request, response) in methods.items()
        }
        handler = grpc.method_handlers_generic_handler(f"{_SERVICE}.{service}", handlers)
        grpc_server.add_generic_rpc_handlers((handler,))
    port = grpc_server.add_insecure_port("127.0.0.1:0")
    grpc_server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        grpc_server.stop(grace=None).wait()


def _handler(server: VertexModelsServer, method: str, request: Any, response: Any) -> Any:
    answer = getattr(server, re.sub(r"(?<!^)(?=[A-Z])", "_", method).lower())

    def noted(asked: Any, context: Any) -> Any:
        server.calls.append(method)
        return answer(asked, context)

    return grpc.unary_unary_rpc_method_handler(
        noted,
        request_deserializer=request.deserialize,
        response_serializer=response.serialize
        if response
        else operations_pb2.Operation.SerializeToString,
    )


def _done(response: Any) -> Any:
    packed = Packed()
    packed.Pack(type(response).pb(response))
    return operations_pb2.Operation(name="operations/1", done=True, response=packed)
