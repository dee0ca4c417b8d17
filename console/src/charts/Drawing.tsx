import type { ReactNode, SVGProps } from "react";

interface Props extends SVGProps<SVGSVGElement> {
  label: string;
  width: number;
  height: number;
  children: ReactNode;
}

/** A chart's SVG, whose marks are reached by keyboard. */
export function Drawing({ label, children, ...rest }: Props) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset draws nothing
    <svg {...rest} role="group" aria-label={`${label}. Arrow keys move, Enter opens.`}>
      {children}
    </svg>
  );
}
