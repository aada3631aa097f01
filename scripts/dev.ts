// npm run dev: as npm start, but the console compiles pages as they are asked for and when they change.
import { runProduct } from './run-product.ts'

await runProduct('development')
