"""`/api/feature-configs/`: which columns go into which tower, and what becomes of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from functions.api.etags import tagged
from functions.api.pages import Page
from functions.api.resource import ERRORS, PortsOf, Write, add_clone, add_crud
from functions.api.rights import needs
from functions.api.versions import add_versions
from shared import editing, services
from shared.documents.base import Collection
from shared.documents.feature_config import FeatureConfig, FeatureConfigSpec, Lifecycle
from shared.ports import Filter

router = APIRouter(prefix="/api/feature-configs", tags=["feature configs"], responses=ERRORS)


class FeatureConfigWrite(Write[FeatureConfigSpec]):
    pass


class FeatureConfigPage(Page[FeatureConfig]):
    pass


async def unarchived(
    include_archived: Annotated[bool, Query(description="Archived ones too.")] = False,
) -> list[Filter]:
    """Which configs a list shows."""
    shown = [state.value for state in Lifecycle if state is not Lifecycle.ARCHIVED]
    return [] if include_archived else [Filter("status.lifecycle", "in", shown)]


add_crud(
    router,
    Collection.FEATURE_CONFIGS,
    "FeatureConfig",
    FeatureConfig,
    FeatureConfigWrite,
    FeatureConfigPage,
    listed=unarchived,
)
add_clone(router, Collection.FEATURE_CONFIGS, "FeatureConfig", FeatureConfig)
add_versions(router, Collection.FEATURE_CONFIGS, "FeatureConfig")


@router.post("/{feature_config_id}/archive/", response_model=FeatureConfig)
@needs("editor")
def archive_feature_config(feature_config_id: str, response: Response, ports: PortsOf) -> Any:
    """Hides a config from lists and keeps it from being tested; nothing is lost."""
    services.archive(feature_config_id, ports)
    return tagged(response, editing.get(ports, Collection.FEATURE_CONFIGS, feature_config_id))


@router.post("/{feature_config_id}/unarchive/", response_model=FeatureConfig)
@needs("editor")
def unarchive_feature_config(feature_config_id: str, response: Response, ports: PortsOf) -> Any:
    services.unarchive(feature_config_id, ports)
    return tagged(response, editing.get(ports, Collection.FEATURE_CONFIGS, feature_config_id))
