import type { ReactNode } from "react";

interface Props {
  className?: string;
  onSubmit: () => void;
  children: ReactNode;
}

/**
 * A form that starts something which takes minutes or money: only its button submits it. Enter in a
 * field adds a value, takes an option, or does nothing.
 */
export function DeliberateForm({ className, onSubmit, children }: Props) {
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
          event.preventDefault();
        }
      }}
    >
      {children}
    </form>
  );
}
