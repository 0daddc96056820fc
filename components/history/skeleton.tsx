/** Lines that are still to come. */
export function Skeleton({ rows }: { rows: number }) {
  return (
    <div role="status" className="animate-late">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all alike.
        <div key={i} className="space-y-2 px-5 py-3.5">
          <div className={i % 2 ? 'h-3 w-2/5 rounded bg-hover' : 'h-3 w-1/2 rounded bg-hover'} />
          <div className="h-3 w-4/5 rounded bg-hover" />
        </div>
      ))}
    </div>
  )
}
