import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const everywhere = ['node_modules/**', '.next*/**', 'data/**', 'e2e/**']

/** Generous, so that a busy machine fails nothing that is right; what hangs still ends. */
const patience = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 20_000 } },
}

export default defineConfig({
  test: {
    // Tests wait for leases, locks and child processes more than they compute; by default one core would be left idle.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{lib,app,components,scripts,bench}/**/*.test.{ts,tsx}'],
          exclude: [...everywhere, '**/*.db.test.ts', '**/*.process.test.ts'],
          ...patience,
        },
      },
      {
        test: {
          name: 'db',
          include: ['{lib,app,scripts,bench}/**/*.db.test.ts'],
          exclude: everywhere,
          globalSetup: 'lib/db/testing/global-setup.ts',
          ...patience,
        },
      },
      {
        test: {
          name: 'process',
          include: ['scripts/**/*.process.test.ts'],
          exclude: everywhere,
          ...patience,
          // Each test starts the whole product; two cores hold no more than one of them.
          fileParallelism: false,
        },
      },
    ],
  },
})
