import './globals.css'
import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import { cookies, headers } from 'next/headers'
import type { ReactNode } from 'react'
import { themeFrom } from '#components/shell/theme.ts'
import { ZoneProvider } from '#components/ui/zone.tsx'
import { fallbackZone, isZone } from '#lib/format/time.ts'

export const metadata: Metadata = {
  title: 'Keystead',
  description: 'Key management service',
  robots: { index: false, follow: false },
  icons: { icon: '/favicon.svg' },
  formatDetection: { telephone: false, date: false, address: false, email: false },
}

export const viewport: Viewport = {
  colorScheme: 'light dark',
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [cookie, header] = await Promise.all([cookies(), headers()])
  const zone = cookie.get('zone')?.value ?? fallbackZone
  return (
    <html
      lang="en"
      data-theme={themeFrom(cookie.get('theme')?.value)}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
    >
      <head>
        {/* react-aria adds small style elements at run time and takes their nonce from here */}
        <meta property="csp-nonce" nonce={header.get('x-nonce') ?? undefined} />
      </head>
      <body>
        <ZoneProvider zone={isZone(zone) ? zone : fallbackZone}>{children}</ZoneProvider>
      </body>
    </html>
  )
}
