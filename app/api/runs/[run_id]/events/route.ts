import { contract } from '../../../../../protocol/contract.ts'
import { eventStream, positionAsked } from '../../../../../server/event-stream.ts'
import { methodsOf, route } from '../../../../../server/route.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: route(contract.readEvents, async ({ params, query, reader, request, services }) => {
    const reading = new AbortController()
    const after = positionAsked(request.headers.get('last-event-id'), query.after)
    const events = await services.runs.events(params.run_id, reader, { after, signal: reading.signal })
    const left = services.telemetry.metrics.reading('event-stream')
    const stop = () => {
      reading.abort()
      left()
    }
    request.signal.addEventListener('abort', stop, { once: true })
    if (request.signal.aborted) stop()
    return new Response(eventStream(events, stop), {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        // no-transform keeps compression, which would hold events back, off the stream; the last line asks nginx for the same.
        'cache-control': 'private, no-store, no-transform',
        'x-accel-buffering': 'no',
      },
    })
  }),
})
