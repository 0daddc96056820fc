// `npm run build`: the pages and the server, for an image or a machine that is not to build at its start.

import { ensureAppBuild } from './setup/app-build.mjs'
import { ensureNode24, environmentWith } from './setup/node24.mjs'
import { createSay } from './setup/say.mjs'
import { root } from './setup.mjs'

const say = createSay()
const node = await ensureNode24(root, say)
await ensureAppBuild(root, node, environmentWith(root, node), say)
