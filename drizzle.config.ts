import { defineConfig } from 'drizzle-kit'

/** `npm run db:generate` writes the next migration from what changed in the schema. Migrations run at start, never by hand. */
export default defineConfig({ dialect: 'postgresql', schema: './server/db/schema.ts', out: './server/db/migrations' })
