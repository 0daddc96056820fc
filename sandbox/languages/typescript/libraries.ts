// What language.json says is in the image, really is.
import assert from 'node:assert'
import lodash from 'lodash'
import typescript from 'typescript/package.json' with { type: 'json' }
assert.deepEqual(lodash.chunk([1, 2, 3], 2), [[1, 2], [3]])
assert.match(typescript.version, /^7\./)
