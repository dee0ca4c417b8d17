import base from "./playwright.config";

/** `make screenshots`: every page, light and dark, wide and narrow, into screenshots/. */
export default { ...base, testMatch: "**/*.shots.ts", timeout: 240_000 };
