// TypeScript for Jest, by the same means node has for itself: types are taken away, enums and namespaces are turned into JavaScript.
'use strict'
const { stripTypeScriptTypes } = require('node:module')

exports.process = (text, path) => ({ code: stripTypeScriptTypes(text, { mode: 'transform', sourceMap: true, sourceUrl: path }) })
