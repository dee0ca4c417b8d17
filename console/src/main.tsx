import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./theme/tokens.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { followChanges } from "./api/changes";
import { makeQueries } from "./api/queries";
import { readOne } from "./api/resource";
import { makeRouter } from "./app/router";
import { resolver } from "./theme/resolver";
import { theme } from "./theme/theme";

const queries = makeQueries();
followChanges(queries, readOne);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={resolver} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        {/* above the bar at the bottom of the wizards, whose buttons stay in reach */}
        <Notifications
          position="bottom-right"
          limit={4}
          zIndex={1000}
          styles={{ root: { marginBottom: "3.75rem" } }}
        />
        <RouterProvider router={makeRouter()} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
