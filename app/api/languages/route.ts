import { contract } from '../../../protocol/contract.ts'
import { languageViews } from '../../../server/language-view.ts'
import { answer, methodsOf, route } from '../../../server/route.ts'

export const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = methodsOf({
  GET: route(contract.listLanguages, async ({ services: { languages, executor } }) =>
    answer(200, { languages: languageViews(languages, executor.state().languages) }),
  ),
})
