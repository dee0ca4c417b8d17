"""`/api/quick-tests/{id}/sample-tensors/`: what the trained towers are fed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared.documents.feature_config import Tower
from shared.documents.quick_test import Pinned, QuickTest
from shared.errors import NotFoundError
from shared.jobs import TENSORS_FILE, SampleTensors
from shared.ports import Ports
from shared.rules.adapted import adapted
from shared.rules.tensors import tensor_dims
from shared.services.inputs import launched_test
from shared.services.store import FEATURE_CONFIG, MODEL_CONFIG

router = APIRouter(prefix="/api/quick-tests", tags=["quick tests"], responses=ERRORS)


class TensorValues(BaseModel):
    """A part of a tensor, as the feature config names it, with its values."""

    name: str
    values: list[float]


class SampleTensor(BaseModel):
    """A tower's input for one customer or product. `others` are the ids to choose from."""

    id: str
    dim: int
    parts: list[TensorValues]
    others: list[str]


class SampleTensorPair(BaseModel):
    buyer: SampleTensor
    product: SampleTensor


@router.get("/{quick_test_id}/sample-tensors/", response_model=SampleTensorPair)
@needs("viewer")
def get_sample_tensors(
    quick_test_id: str,
    ports: PortsOf,
    customer: Annotated[str | None, Query(description="Id; the most frequent if left out.")] = None,
    product: Annotated[str | None, Query(description="Id; the most frequent if left out.")] = None,
) -> Any:
    """The tensors that a completed test's towers take, for a customer and a product."""
    test = launched_test(quick_test_id, ports)
    status = test.status
    if (
        status.pinned is None
        or status.artifacts_uri is None
        or not ports.artifacts.exists(uri := f"{status.artifacts_uri}/{TENSORS_FILE}")
    ):
        raise NotFoundError("sample tensors of quick test", quick_test_id, "yet")
    found = SampleTensors.model_validate_json(ports.artifacts.read(uri))
    return SampleTensorPair(
        buyer=_tensor(test, status.pinned, "buyer", found.customers, customer, ports),
        product=_tensor(test, status.pinned, "product", found.products, product, ports),
    )


def _tensor(
    test: QuickTest,
    pinned: Pinned,
    tower: Tower,
    tensors: dict[str, list[float]],
    wanted: str | None,
    ports: Ports,
) -> SampleTensor:
    """Raises NotFoundError where the wanted one is not among those that were kept."""
    chosen = next(iter(tensors)) if wanted is None else wanted
    if chosen not in tensors:
        raise NotFoundError("tensor of", chosen, f"; there are those of {', '.join(tensors)}")
    config = FEATURE_CONFIG.shown.load_revision(
        test.spec.feature_config_id, pinned.feature_config_revision, ports
    )
    model = MODEL_CONFIG.load_revision(
        test.spec.model_config_id, pinned.model_config_revision, ports
    )
    seen = adapted(config, model, test.spec)[0].spec
    values = tensors[chosen]
    parts = []
    start = 0
    for part in tensor_dims(seen, tower).breakdown:
        parts.append(TensorValues(name=part.name, values=values[start : start + part.dim]))
        start += part.dim
    return SampleTensor(id=chosen, dim=len(values), parts=parts, others=list(tensors))
