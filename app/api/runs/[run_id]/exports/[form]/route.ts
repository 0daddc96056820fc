import { contract } from '../../../../../../protocol/contract.ts'
import type { RunEvent } from '../../../../../../protocol/run.ts'
import { asAsciicast } from '../../../../../../server/exports/as-asciicast.ts'
import { asMarkdown } from '../../../../../../server/exports/as-markdown.ts'
import { asText } from '../../../../../../server/exports/as-text.ts'
import { asZip } from '../../../../../../server/exports/as-zip.ts'
import { methodsOf, route } from '../../../../../../server/route.ts'
import { unknownRun } from '../../../../../../server/unknown-run.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: route(contract.readExport, async ({ params: { run_id, form }, reader, services: { runs, languages } }) => {
    const run = await runs.find(run_id, reader)
    if (!run) throw unknownRun()
    const editorLanguage = languages.find(({ id }) => id === run.language)?.manifest.editor ?? run.language
    const events = await runs.eventsSoFar(run_id)
    return new Response(await bodyOf(form, run, events, editorLanguage), {
      headers: {
        'content-type': types[form],
        // What is text is shown, so that a browser is as good as curl; the rest is saved.
        ...(form === 'zip' || form === 'cast' ? { 'content-disposition': `attachment; filename="${run_id}.${form}"` } : {}),
      },
    })
  }),
})

const types = {
  txt: 'text/plain; charset=utf-8',
  json: 'application/json',
  md: 'text/plain; charset=utf-8',
  cast: 'application/x-asciicast',
  zip: 'application/zip',
}

function bodyOf(
  form: keyof typeof types,
  run: Parameters<typeof asText>[0],
  events: readonly RunEvent[],
  editorLanguage: string,
) {
  switch (form) {
    case 'txt':
      return asText(run, events)
    case 'json':
      return `${JSON.stringify(run, null, 2)}\n`
    case 'md':
      return asMarkdown(run, events, editorLanguage)
    case 'cast':
      return asAsciicast(run, events)
    case 'zip':
      return asZip(run, events)
    default:
      return form satisfies never
  }
}
