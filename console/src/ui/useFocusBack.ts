import { useEffect, useState } from "react";

/**
 * Takes the focus back to where it was, once a dialog that is there only while it is open is gone.
 *
 * An item of a menu is gone by then as well: then to what opened the menu.
 */
export function useFocusBack(): void {
  // While it is drawn for the first time: its effects take the focus away already.
  const [places] = useState(focused);
  useEffect(() => {
    let open = true;
    return () => {
      open = false;
      // After what else happens as it closes, such as a menu's own return of the focus.
      setTimeout(() => {
        const back = places.find((one) => one?.isConnected);
        if (!open && back) back.focus({ preventScroll: true });
      });
    };
  }, [places]);
}

/** What has the focus, and what to fall back on. */
function focused(): (HTMLElement | null)[] {
  const from = document.activeElement as HTMLElement | null;
  const menu = from?.closest("[role=menu]");
  return [from, menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : null];
}
