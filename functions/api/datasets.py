"""`/api/datasets/`: data sources, their columns, and what could be made of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response, status

from functions.api.etags import tagged
from functions.api.feature_configs import FeatureConfigPage, FeatureConfigWrite, unarchived
from functions.api.pages import DEFAULT_LIMIT, Limit, Page, PagesOf, PageToken
from functions.api.resource import ERRORS, EmailOf, OnceOf, PortsOf, Write, add_crud
from functions.api.rights import needs
from functions.api.versions import add_versions
from shared import editing, services
from shared.documents.base import Collection
from shared.documents.dataset import Dataset, DatasetSpec
from shared.documents.feature_config import FeatureConfig, FeatureConfigSpec
from shared.ports import Filter, Ports
from shared.problems import InvalidError, Problem
from shared.rules.dataset_report import DatasetReport, dataset_report
from shared.rules.defaults import smart_defaults

router = APIRouter(prefix="/api/datasets", tags=["datasets"], responses=ERRORS)


class DatasetWrite(Write[DatasetSpec]):
    pass


class DatasetPage(Page[Dataset]):
    pass


add_crud(router, Collection.DATASETS, "Dataset", Dataset, DatasetWrite, DatasetPage)
add_versions(router, Collection.DATASETS, "Dataset")


@router.get("/{dataset_id}/smart-defaults/", response_model=FeatureConfigSpec)
@needs("viewer")
def get_smart_defaults(dataset_id: str, ports: PortsOf) -> Any:
    """A feature config to start from, by what the columns mean and contain."""
    return smart_defaults(profiled_dataset(ports, dataset_id))


@router.get("/{dataset_id}/report/", response_model=DatasetReport)
@needs("viewer")
def get_dataset_report(dataset_id: str, ports: PortsOf) -> Any:
    """What the rows are like, and what that means for a model: findings, each with a next step.

    `reason` says why there are none, such as of a dataset that is still being profiled.
    """
    return dataset_report(_dataset(ports, dataset_id))


@router.post("/{dataset_id}/profile/", response_model=Dataset)
@needs("editor")
def profile_dataset(dataset_id: str, response: Response, ports: PortsOf) -> Any:
    """Reads the source again: its columns, statistics, and number of rows.

    `status.validation.state` is `pending` until that is done; tests of the dataset wait for it.
    """
    services.profile_again(dataset_id, ports)
    return tagged(response, _dataset(ports, dataset_id))


@router.get("/{dataset_id}/feature-configs/", response_model=FeatureConfigPage)
@needs("viewer")
def list_dataset_feature_configs(
    dataset_id: str,
    ports: PortsOf,
    where: Annotated[list[Filter], Depends(unarchived)],
    pages: PagesOf,
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Any:
    _dataset(ports, dataset_id)
    of_dataset = [Filter("spec.dataset_id", "==", dataset_id), *where]
    return pages.page(Collection.FEATURE_CONFIGS, of_dataset, limit, page_token)


@router.post(
    "/{dataset_id}/feature-configs/",
    status_code=status.HTTP_201_CREATED,
    response_model=FeatureConfig,
)
@needs("editor")
def create_dataset_feature_config(
    dataset_id: str,
    body: FeatureConfigWrite,
    response: Response,
    ports: PortsOf,
    email: EmailOf,
    once: OnceOf,
) -> Any:
    """Like `POST /api/feature-configs/`, for this dataset: `spec.dataset_id` may be left out."""
    _dataset(ports, dataset_id)
    spec: Any = body.spec
    if isinstance(spec, dict):
        named = spec.setdefault("dataset_id", dataset_id)
        if named != dataset_id:
            problem = Problem(
                path="spec.dataset_id",
                code="other_dataset",
                message=f"The path names dataset {dataset_id!r}. Name the same one, or none.",
                received=named,
            )
            raise InvalidError([problem])
    made = editing.create(
        ports,
        Collection.FEATURE_CONFIGS,
        name=body.name,
        description=body.description,
        spec=spec,
        managed_by=body.managed_by,
        created_by=email,
        once=once,
    )
    return tagged(response, made)


def profiled_dataset(ports: Ports, dataset_id: str) -> Dataset:
    """A dataset whose columns are known. Raises NotFoundError, InvalidError."""
    dataset = _dataset(ports, dataset_id)
    if not dataset.status.columns:
        problem = Problem(
            path="dataset_id",
            code="not_ready",
            message="The dataset has not been profiled yet. Try again in a moment, or see its "
            "status.validation.",
            received=dataset_id,
        )
        raise InvalidError([problem])
    return dataset


def _dataset(ports: Ports, dataset_id: str) -> Dataset:
    dataset = editing.get(ports, Collection.DATASETS, dataset_id)
    assert isinstance(dataset, Dataset)
    return dataset
