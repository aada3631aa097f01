import type { LaunchOptions } from '@playwright/test'

/** How Chromium is started here: it opens only our own pages and asks nobody on the internet for anything. */
export function chromiumOptions(executablePath: string): LaunchOptions {
  return {
    executablePath,
    args: [
      // As root Chromium's sandbox does not work.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  }
}
