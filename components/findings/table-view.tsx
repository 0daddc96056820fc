'use client'
import clsx from 'clsx'
import { useEffect, useState } from 'react'
import { isNumeric, mostBytes, mostRows, type Table, tableOf } from './table.ts'

/** A file of comma-separated values as a table, fetched when it is shown. */
export default function TableView({ path, address, size }: { path: string; address: string; size: number }) {
  const [table, setTable] = useState<Table | 'failed' | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const load = async () => {
      const response = await fetch(address, { signal: stop.signal })
      if (!response.ok) throw new Error(`${response.status}`)
      const bytes = await response.arrayBuffer()
      setTable(tableOf(new TextDecoder().decode(bytes.slice(0, mostBytes)), size > mostBytes))
    }
    load().catch(() => {
      if (!stop.signal.aborted) setTable('failed')
    })
    return () => stop.abort()
  }, [address, size])

  if (table === 'failed')
    return <p className="text-ink-faint text-xs">The table could not be fetched. Reload the page to try again.</p>
  if (!table) return null
  const numeric = table.header.map((_, column) => isNumeric(table.rows, column))
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reachable by keyboard.
      tabIndex={0}
      aria-label={`Table ${path}`}
      className="max-h-72 max-w-full overflow-auto rounded-lg border border-line"
    >
      <table className="border-separate border-spacing-0 text-xs tabular-nums">
        <thead>
          <tr>
            {table.header.map((name, column) => (
              <th
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place; names may repeat.
                key={column}
                scope="col"
                className={clsx(
                  'sticky top-0 whitespace-nowrap border-line border-b bg-sunken px-2.5 py-1.5 font-medium text-ink-soft',
                  numeric[column] ? 'text-right' : 'text-left',
                )}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="font-mono">
          {table.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place.
            <tr key={index} className="even:bg-sunken/60">
              {table.header.map((_, column) => (
                <td
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place.
                  key={column}
                  className={clsx('max-w-96 truncate px-2.5 py-1', numeric[column] && 'text-right')}
                >
                  {row[column] ?? ''}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.more && (
        <p className="px-2.5 py-1.5 text-ink-faint text-xs">The first {Math.min(mostRows, table.rows.length)} rows.</p>
      )}
    </section>
  )
}
