// Writes the types of the API from docs/openapi.json: docs/types.ts, for these pages and for
// developers of other applications.
import { readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const at = (path) => new URL(path, import.meta.url)
const source = JSON.parse(await readFile(at('../../docs/openapi.json'), 'utf8'))
const types = astToString(await openapiTS(source, { alphabetize: true, rootTypes: true, rootTypesNoSchemaPrefix: true }))
const head = '// The types of the API, generated from openapi.json by `cargo xtask generate`. Do not edit.\n\n'
await writeFile(at('../../docs/types.ts'), head + types)
