import { contract } from '../../../../../../protocol/contract.ts'
import { artifactResponse } from '../../../../../../server/artifact-response.ts'
import { methodsOf, route } from '../../../../../../server/route.ts'
import { unknownArtifact } from '../../../../../../server/unknown-run.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: route(contract.readArtifact, async ({ params, services }) => {
    const artifact = await services.runs.artifact(params.run_id, params.path)
    if (!artifact) throw unknownArtifact()
    return artifactResponse(artifact)
  }),
})
