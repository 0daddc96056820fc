import { contract } from '../../../protocol/contract.ts'
import { embedSize, embedSnippet, runIdOfAddress } from '../../../protocol/embed.ts'
import { answer, methodsOf, route } from '../../../server/route.ts'
import { unknownRun } from '../../../server/unknown-run.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: route(contract.oembed, async ({ query, reader, services: { runs, publicUrl } }) => {
    const runId = runIdOfAddress(query.url, publicUrl)
    const run = runId && (await runs.find(runId, reader))
    if (!run) throw unknownRun()
    const width = Math.min(embedSize.width, query.maxwidth ?? embedSize.width)
    const height = Math.min(embedSize.height, query.maxheight ?? embedSize.height)
    return answer(200, {
      version: '1.0' as const,
      type: 'rich' as const,
      provider_name: 'Bug Ghost',
      provider_url: publicUrl,
      title: `${run.name ?? run.language} · ${run.message}`,
      html: embedSnippet(publicUrl, run.run_id, { width, height }),
      width,
      height,
    })
  }),
})
