import Papa from 'papaparse'

/** More rows than this are not read by anyone here; the whole file can be saved. */
export const mostRows = 200
const mostColumns = 50
/** What is fetched of a larger file. */
export const mostBytes = 1024 * 1024

export type Table = { header: string[]; rows: string[][]; more: boolean }

/** The beginning of a file of comma- or tab-separated values. The first line is the header. */
export function tableOf(text: string, cut = false): Table | null {
  const { data } = Papa.parse<string[]>(text.replace(/^\ufeff/, ''), { preview: mostRows + 2, skipEmptyLines: true })
  // A file that was cut off ends somewhere in a row.
  const whole = cut && data.length < mostRows + 2 ? data.slice(0, -1) : data
  const [header, ...rows] = whole.map((row) => row.slice(0, mostColumns))
  if (!header) return null
  return { header, rows: rows.slice(0, mostRows), more: cut || rows.length > mostRows }
}

/** Whether all values of a column that are there are numbers: they then stand at the right. */
export const isNumeric = (rows: readonly string[][], column: number): boolean => {
  const values = rows.map((row) => row[column] ?? '').filter((value) => value !== '')
  return values.length > 0 && values.every((value) => Number.isFinite(Number(value)))
}
