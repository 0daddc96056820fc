/** The mark: a friendly ghost with the feelers of a bug. It takes the colour of the text around it; the eyes are holes. */
export function Ghost({ className, size }: { className?: string; size?: number }) {
  return (
    <svg viewBox="0 0 32 32" className={className} width={size} height={size} fill="none" aria-hidden="true">
      <path d="M12.2 8.4 9.6 3.6M19.8 8.4l2.6-4.8" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <circle cx="9.3" cy="3.2" r="1.7" fill="currentColor" />
      <circle cx="22.7" cy="3.2" r="1.7" fill="currentColor" />
      <path
        fill="currentColor"
        fillRule="evenodd"
        d="M16 6.5c-5.8 0-10 4.3-10 10V27c0 1.9 2.1 2.9 3.5 1.6l1-.9a1.6 1.6 0 0 1 2.2 0l1.9 1.8a2 2 0 0 0 2.8 0l1.9-1.8a1.6 1.6 0 0 1 2.2 0l1 .9C23.9 29.9 26 28.9 26 27V16.5c0-5.7-4.2-10-10-10Zm-3.7 7.6c1.1 0 1.9 1.1 1.9 2.6s-.8 2.6-1.9 2.6-1.9-1.1-1.9-2.6.8-2.6 1.9-2.6Zm7.4 0c1.1 0 1.9 1.1 1.9 2.6s-.8 2.6-1.9 2.6-1.9-1.1-1.9-2.6.8-2.6 1.9-2.6Z"
      />
    </svg>
  )
}
