// Prints the imports that point the wrong way; exit code 1 if there are any: node scripts/check-imports.ts [folder]
import { wrongImportsBelow } from './import-direction.ts'
import { projectRoot } from './project-root.ts'

const wrong = await wrongImportsBelow(process.argv[2] ?? projectRoot)
for (const line of wrong) console.error(line)
process.exit(wrong.length === 0 ? 0 : 1)
