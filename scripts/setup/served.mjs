import { setting } from './env.mjs'

/** Where Bug Ghost is served already. Ends this program, with what to do, when nobody answers there. @returns {Promise<string>} */
export async function servedOrigin() {
  const origin = setting('BUGGHOST_URL') ?? 'http://localhost:3000'
  const answers = await fetch(`${origin}/api/health`).then(
    () => true,
    () => false,
  )
  if (answers) return origin
  console.error(`Nobody answers at ${origin}. Start Bug Ghost with \`npm start\`, or set BUGGHOST_URL to where it is.`)
  process.exit(1)
}
