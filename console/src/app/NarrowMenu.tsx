import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  opened: boolean;
  onClose: () => void;
  title: ReactNode;
  children: ReactNode;
}

/** The menu of narrow screens, apart so that wide ones need not load it. */
export default function NarrowMenu(props: Props) {
  return <Drawer {...props} size="17rem" withinPortal />;
}
