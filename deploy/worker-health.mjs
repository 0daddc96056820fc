// Does this worker live? It has no pages; its metrics, which it serves to nobody but this machine's network, answer for it.

const { METRICS_PORT = '9464' } = process.env
try {
  const { status } = await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`, { signal: AbortSignal.timeout(4_000) })
  if (status !== 200) throw new Error(`Its metrics answer ${status}.`)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
