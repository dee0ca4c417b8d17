import type { Page } from "@playwright/test";

/**
 * What does not fit on the page as it is shown now:
 * - the page itself is wider than its window;
 * - text is cut off, and no title says the whole of it;
 * - text runs out of its box, into what is beside it;
 * - a plain word is broken in two;
 * - words stand in a column too narrow to be read.
 * What scrolls by itself, and takes the keyboard's focus, may be wider than its window.
 */
export async function unfit(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SLACK = 2;
    const READABLE = 56; // px: about eight characters
    const LONG_TEXT = 100; // px, that no long text turns into a column of syllables
    const WORD = /(?<!\S)\p{L}{4,16}(?!\S)/gu; // longer ones are names and ids, which may break
    const found: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth + 1) {
      found.push(`the page is ${root.scrollWidth} px wide in ${root.clientWidth}`);
    }
    const inline = (element: Element): boolean =>
      /^(inline|contents)$/.test(getComputedStyle(element).display);
    const forScreenReaders = (element: Element | null): boolean =>
      element !== null &&
      (getComputedStyle(element).clipPath !== "none" || forScreenReaders(element.parentElement));
    const short = (element: Element): string => {
      const text = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 50);
      const classes = [...element.classList].slice(0, 2).join(".");
      return `<${element.tagName.toLowerCase()} ${classes}> “${text}”`;
    };

    for (const element of document.body.querySelectorAll("*")) {
      if (element.closest("svg, script, style, noscript, [aria-hidden=true], option")) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const own = [...element.childNodes].filter(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
      );
      if (own.length === 0) continue;
      const rects = own.flatMap((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
      });
      if (rects.length === 0) continue;
      const left = Math.min(...rects.map((rect) => rect.left));
      const right = Math.max(...rects.map((rect) => rect.right));
      const bottom = Math.max(...rects.map((rect) => rect.bottom));
      const text = own
        .map((node) => node.textContent)
        .join("")
        .trim();

      let box: Element = element;
      while (inline(box) && box.parentElement) box = box.parentElement;
      const inner = box.getBoundingClientRect();
      if (inner.width <= 5 && inner.height <= 5) continue; // for screen readers
      if (right <= 0) continue; // until it takes the focus

      // Up to the first that cuts it off, scrolls it, or is not wide enough.
      const titled = element.closest("[title]") !== null;
      let contained = false;
      for (let at: Element | null = box; at && at !== root; at = at.parentElement) {
        const style = getComputedStyle(at);
        const bounds = at.getBoundingClientRect();
        const [x, y] = [style.overflowX, style.overflowY];
        if (x === "auto" || x === "scroll") {
          if (right > bounds.right + SLACK) {
            const reachable =
              at.matches("[tabindex], pre, textarea, input") ||
              !!at.querySelector("a, button, input");
            if (!reachable) found.push(`scrolls without the keyboard: ${short(element)}`);
          }
          contained = true;
          break;
        }
        const wide = right > bounds.right + SLACK || left < bounds.left - SLACK;
        const clips = x === "hidden" || x === "clip";
        if (clips && (wide || (at === box && at.scrollWidth > at.clientWidth + 1))) {
          if (!titled) found.push(`cut off without a title: ${short(element)}`);
          contained = bounds.right <= root.clientWidth + SLACK;
          break;
        }
        if (
          (y === "hidden" || y === "clip") &&
          (bottom > bounds.bottom + 6 || (at === box && at.scrollHeight > at.clientHeight + 6))
        ) {
          if (!titled) found.push(`cut off below without a title: ${short(element)}`);
          break;
        }
        if (at === box && wide && !clips) {
          found.push(
            `runs out of its box by ${Math.round(right - bounds.right)} px: ${short(element)}`,
          );
          break;
        }
        if (style.position === "fixed") break;
      }
      if (!contained && right > root.clientWidth + SLACK) {
        found.push(`runs out of the window: ${short(element)}`);
      }

      for (const node of element.matches("mark") ? [] : own) {
        for (const match of (node.textContent ?? "").matchAll(WORD)) {
          const range = document.createRange();
          range.setStart(node, match.index);
          range.setEnd(node, match.index + match[0].length);
          const parts = [...range.getClientRects()].filter(({ width }) => width > 1);
          const tops = new Set(parts.map(({ top }) => Math.round(top)));
          if (tops.size > 1 && !forScreenReaders(element))
            found.push(`“${match[0]}” is broken: ${short(element)}`);
        }
      }

      const written = new Set(rects.map((rect) => Math.round(rect.top / 4))).size;
      const lineHeight = rects[0]?.height ?? 16;
      const lines = Math.min(written, Math.max(1, Math.round(inner.height / lineHeight)));
      const cut = box.scrollWidth > box.clientWidth + 1;
      if (inner.width < READABLE && text.length >= 8 && (lines >= 3 || cut)) {
        found.push(`${Math.round(inner.width)} px wide: ${short(element)}`);
      } else if (lines > 6 && inner.width < LONG_TEXT) {
        found.push(`${lines} lines in ${Math.round(inner.width)} px: ${short(element)}`);
      } else if (lines >= 4 && text.length / lines < 6) {
        found.push(`${lines} lines of ${Math.round(text.length / lines)}: ${short(element)}`);
      }
    }
    return [...new Set(found)];
  });
}
