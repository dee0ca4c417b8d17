// Before the first paint, so that a dark page never flashes white. A file of its own, because the
// Content-Security-Policy allows no inline script.
(() => {
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("mantine-color-scheme-value") ?? "auto";
  } catch {
    // storage is blocked: the system's scheme it is
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.setAttribute(
    "data-mantine-color-scheme",
    chosen === "light" || chosen === "dark" ? chosen : dark ? "dark" : "light",
  );
})();
