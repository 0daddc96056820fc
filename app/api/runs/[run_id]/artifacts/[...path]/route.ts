import { contract } from '../../../../../../protocol/contract.ts'
import { artifactResponse } from '../../../../../../server/artifact-response.ts'
import { methodsOf, route } from '../../../../../../server/route.ts'
import { unknownArtifact } from '../../../../../../server/unknown-run.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: route(contract.readArtifact, async ({ params, reader, request, services }) => {
    const artifact = await services.runs.artifact(params.run_id, reader, pathOf(request.url))
    if (!artifact) throw unknownArtifact()
    return artifactResponse(artifact)
  }),
})

/** Read off the address itself: whether Next decodes the parts of a path depends on its version. */
function pathOf(url: string): string {
  const { pathname } = new URL(url)
  return decodeURIComponent(pathname.slice(pathname.indexOf('/artifacts/') + '/artifacts/'.length))
}
