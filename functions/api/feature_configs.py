"""`/api/feature-configs/`: which columns go into which tower, and what becomes of them."""

from __future__ import annotations

from fastapi import APIRouter

from functions.api.resource import ERRORS, Page, Write, add_clone, add_crud, add_versions
from shared.documents.base import Collection
from shared.documents.feature_config import FeatureConfig, FeatureConfigSpec

router = APIRouter(prefix="/api/feature-configs", tags=["feature configs"], responses=ERRORS)


class FeatureConfigWrite(Write[FeatureConfigSpec]):
    pass


class FeatureConfigPage(Page[FeatureConfig]):
    pass


add_crud(
    router,
    Collection.FEATURE_CONFIGS,
    "FeatureConfig",
    FeatureConfig,
    FeatureConfigWrite,
    FeatureConfigPage,
)
add_clone(router, Collection.FEATURE_CONFIGS, "FeatureConfig", FeatureConfig)
add_versions(router, Collection.FEATURE_CONFIGS, "FeatureConfig")
