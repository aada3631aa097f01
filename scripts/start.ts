// npm start, after scripts/setup.mjs.
import { runProduct } from './run-product.ts'

await runProduct('production')
