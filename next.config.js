import { fileURLToPath } from 'node:url'

// npm start names the build folder by the hash of what went into it; npm run dev uses Next's own.
const build = process.env.KEYSTEAD_BUILD

/** @type {import('next').NextConfig} */
export default {
  distDir: build ?? '.next',
  // A page of another build is reloaded instead of calling server actions that no longer exist.
  ...(build ? { deploymentId: build.replace(/^\.next-/, '') } : {}),
  // In development Next would print what actions are called with, passwords included.
  logging: { serverFunctions: false },
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  // npm test checks the types of everything; Next's own check does not know TypeScript 7.
  typescript: { ignoreBuildErrors: true },
  experimental: { useTypeScriptCli: true },
  turbopack: { root: fileURLToPath(new URL('.', import.meta.url)) },
}
