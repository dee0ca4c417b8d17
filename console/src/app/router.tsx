import { createBrowserRouter } from "react-router";
import { BrokenPage, NotFoundPage } from "./ErrorPage";
import { Shell } from "./Shell";
import { page } from "./section";
import { SECTIONS } from "./sections";

export function makeRouter() {
  return createBrowserRouter([
    {
      path: "/",
      element: <Shell />,
      hydrateFallbackElement: <div />,
      errorElement: <BrokenPage whole />,
      children: [
        { index: true, errorElement: <BrokenPage />, ...page(() => import("@/home/HomePage")) },
        ...SECTIONS.flatMap(({ routes }) =>
          routes.map((route) => ({ errorElement: <BrokenPage />, ...route })),
        ),
        { path: "*", element: <NotFoundPage /> },
      ],
    },
  ]);
}
