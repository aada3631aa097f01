/** The mark: a keystone, the wedge that holds an arch, with the bit of a key cut into it. */
export function ProductMark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" className="shrink-0">
      <path d="M3.5 3h17l-3.6 18H7.1z" fill="var(--accent-fill)" />
      <circle cx="12" cy="9" r="2.6" fill="var(--on-fill)" />
      <path d="M12 10.5v6.4m0-3.2h2.2" stroke="var(--on-fill)" strokeWidth="1.9" />
    </svg>
  )
}
