import type { Icon } from "@tabler/icons-react";
import type { RouteObject } from "react-router";
import { loadCatalogue } from "@/api/catalogue";
import { isNotLoaded, NotLoaded } from "./ErrorPage";

/** A part of the console: an entry of the navigation, and its pages, loaded when opened. */
export interface Section {
  /** First part of its paths: `/datasets`. */
  path: string;
  label: string;
  icon: Icon;
  /** Children of the shell's route; each with `lazy`. */
  routes: RouteObject[];
}

/** A page that is loaded, with the catalogue, when it is first opened: `page(() => import("./DatasetsPage"))`. */
export function page(load: () => Promise<{ default: React.ComponentType }>): {
  lazy: () => Promise<{ Component: React.ComponentType }>;
} {
  return {
    lazy: async () => {
      try {
        const [found] = await Promise.all([load(), loadCatalogue()]);
        return { Component: found.default };
      } catch (fault) {
        if (isNotLoaded(fault)) return { Component: NotLoaded };
        throw fault;
      }
    },
  };
}
