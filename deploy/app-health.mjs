// Is this server worth sending people to? It is while it answers and its database does: without an engine or an image it still
// shows every run there is, and starting it anew would bring neither.

const { PORT = '3000' } = process.env
try {
  const answer = await fetch(`http://127.0.0.1:${PORT}/api/health`, { signal: AbortSignal.timeout(4_000) })
  const { status, database } = await answer.json()
  if (status === 'stopping') throw new Error('It stops: send nobody to it any more.')
  if (!database.ok) throw new Error(database.message)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
