import { z } from 'zod'

// zod probes for `eval` when a schema is made, which the page's content security policy reports. Import this file before
// any schema. In the server, which renders the same components, compiled schemas are wanted.
if (typeof window !== 'undefined') z.config({ jitless: true })
