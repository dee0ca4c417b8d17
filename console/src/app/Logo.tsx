/** Two towers, joined. */
export function Logo() {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="light-dark(#14161a, #2a2c32)" />
      <rect x="7" y="8" width="7" height="16" rx="2" fill="#5b9bf8" />
      <rect x="18" y="8" width="7" height="16" rx="2" fill="#34c08b" />
      <rect x="12" y="14.5" width="8" height="3" rx="1.5" fill="#f4f5f7" />
    </svg>
  );
}
