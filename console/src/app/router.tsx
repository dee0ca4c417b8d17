import { createBrowserRouter, Navigate } from "react-router";
import { BrokenPage, NotFoundPage } from "./ErrorPage";
import { Shell } from "./Shell";
import { SECTIONS } from "./sections";

export function makeRouter() {
  return createBrowserRouter([
    {
      path: "/",
      element: <Shell />,
      hydrateFallbackElement: <div />,
      errorElement: <BrokenPage whole />,
      children: [
        { index: true, element: <Navigate to="/datasets" replace /> },
        ...SECTIONS.flatMap(({ routes }) =>
          routes.map((route) => ({ errorElement: <BrokenPage />, ...route })),
        ),
        { path: "*", element: <NotFoundPage /> },
      ],
    },
  ]);
}
