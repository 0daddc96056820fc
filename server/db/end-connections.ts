/**
 * Says goodbye to a connection or a pool of them. A server that stands still never answers that, and one that is gone cannot:
 * either way this resolves, at the latest after `withinMs`.
 */
export async function endConnections(client: { end(): Promise<void> }, withinMs = 3_000): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const longEnough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs)
  })
  try {
    // Nothing is asked of it any more, so how it failed to end makes no difference.
    await Promise.race([client.end().catch(() => {}), longEnough])
  } finally {
    clearTimeout(timer)
  }
}
