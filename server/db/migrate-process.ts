/** For tests that kill: brings one database up to date, as a server does at its start, in a process of its own. */
import { migrate } from './migrate.ts'

const [url, folder] = process.argv.slice(2)
if (!url || !folder) throw new Error('usage: node migrate-process.ts <url> <migrations folder>')
await migrate({ connectionString: url }, { folder })
