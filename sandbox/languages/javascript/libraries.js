// What language.json says is in the image, really is.
const assert = require('node:assert')
assert.deepEqual(require('lodash').chunk([1, 2, 3], 2), [[1, 2], [3]])
assert.equal(typeof require('jest').runCLI, 'function')
assert.match(require('typescript/package.json').version, /^7\./)
assert.equal(require('@types/node/package.json').name, '@types/node')
import('lodash').then(({ default: lodash }) => assert.equal(lodash.VERSION, require('lodash').VERSION))
